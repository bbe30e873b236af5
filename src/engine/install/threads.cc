// Threads that share the work of one op. TensorFlow's own sleep as soon as there is nothing to do for some microseconds, and an op's caller sleeps until
// they are done. Waking each takes tens of microseconds, on a virtual machine more than many ops of a small network do. These threads look for work
// without sleeping for a while, and the caller does a part of it.
#include "tensorflow/core/platform/threadpool_options.h"
#include "tensorflow/core/public/session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace {

// How long a thread without work looks for some before it sleeps.
constexpr std::chrono::microseconds kPatience(300);

// How long it takes to get a processor back that nobody wanted.
constexpr std::chrono::microseconds kTaken(20);

inline void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// Threads as TensorFlow itself counts them.
int ThreadsOfOp() {
  const char* set = std::getenv("TF_NUM_INTRAOP_THREADS");
  int threads = set == nullptr ? 0 : std::atoi(set);
  if (threads > 0) return threads;
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return CPU_COUNT(&allowed);
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

thread_local int number_of_thread = -1;

class Threads : public tensorflow::thread::ThreadPoolInterface {
 public:
  explicit Threads(int count) : count_(count) {
    for (int i = 0; i < count; i++) std::thread([this, i] { Work(i); }).detach();
  }

  void Schedule(std::function<void()> task) override {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    waiting_.fetch_add(1, std::memory_order_release);
    if (seeking_.load() < waiting_.load() && sleeping_.load() > 0) awake_.notify_one();
  }

  // oneDNN's way in: a task that hands all parts of an op but one to other threads. Who asks for it computes that part instead of sleeping meanwhile.
  void ScheduleWithHint(std::function<void()> task, int, int) override {
    if (number_of_thread >= 0) return Schedule(std::move(task));
    number_of_thread = 0;
    task();
    number_of_thread = -1;
  }

  int NumThreads() const override { return count_; }
  int CurrentThreadId() const override { return number_of_thread; }

 private:
  bool Take(std::function<void()>* task) {
    if (waiting_.load(std::memory_order_acquire) <= 0) return false;
    std::lock_guard<std::mutex> lock(mutex_);
    if (tasks_.empty()) return false;
    *task = std::move(tasks_.front());
    tasks_.pop_front();
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return true;
  }

  bool Seek(std::function<void()>* task) {
    // One thread is the caller's: so many need not look for work at once.
    if (seeking_.fetch_add(1) < std::max(1, count_ - 1)) {
      auto before = std::chrono::steady_clock::now(), end = before + kPatience;
      do {
        for (int i = 0; i < 64; i++) {
          if (Take(task)) {
            seeking_.fetch_sub(1);
            return true;
          }
          Relax();
        }
        // Whoever waits for this processor has work to do. Then this thread sleeps, and is woken on a processor that is free.
        auto now = std::chrono::steady_clock::now();
        std::this_thread::yield();
        before = std::chrono::steady_clock::now();
        if (before - now > kTaken) break;
      } while (before < end);
    }
    seeking_.fetch_sub(1);
    return false;
  }

  void Work(int number) {
    number_of_thread = number;
    std::function<void()> task;
    for (;;) {
      if (!Take(&task) && !Seek(&task)) {
        std::unique_lock<std::mutex> lock(mutex_);
        sleeping_.fetch_add(1);
        awake_.wait(lock, [this] { return !tasks_.empty(); });
        sleeping_.fetch_sub(1);
        task = std::move(tasks_.front());
        tasks_.pop_front();
        waiting_.fetch_sub(1, std::memory_order_relaxed);
      }
      task();
      task = nullptr;
    }
  }

  const int count_;
  std::mutex mutex_;
  std::condition_variable awake_;
  std::deque<std::function<void()>> tasks_;
  std::atomic<int> waiting_{0}, seeking_{0}, sleeping_{0};
};

// For the whole process, and as long as it: threads that wait are no reason to stay.
Threads* SharedThreads() {
  static Threads* threads = new Threads(ThreadsOfOp());
  return threads;
}

// A session that runs with these threads.
class Threaded : public tensorflow::Session {
 public:
  explicit Threaded(tensorflow::Session* inner) : inner_(inner) {}
  ~Threaded() override { delete inner_; }

  absl::Status Create(const tensorflow::GraphDef& graph) override { return inner_->Create(graph); }
  absl::Status Extend(const tensorflow::GraphDef& graph) override { return inner_->Extend(graph); }
  absl::Status Close() override { return inner_->Close(); }
  absl::Status ListDevices(std::vector<tensorflow::DeviceAttributes>* response) override {
    return inner_->ListDevices(response);
  }

  using Inputs = std::vector<std::pair<std::string, tensorflow::Tensor>>;
  using Names = std::vector<std::string>;

  absl::Status Run(const Inputs& inputs, const Names& outputs, const Names& targets,
                   std::vector<tensorflow::Tensor>* made) override {
    return inner_->Run(inputs, outputs, targets, made);
  }
  absl::Status Run(const tensorflow::RunOptions& options, const Inputs& inputs, const Names& outputs,
                   const Names& targets, std::vector<tensorflow::Tensor>* made,
                   tensorflow::RunMetadata* metadata) override {
    tensorflow::thread::ThreadPoolOptions threads;
    threads.intra_op_threadpool = SharedThreads();
    return inner_->Run(options, inputs, outputs, targets, made, metadata, threads);
  }

 private:
  tensorflow::Session* inner_;
};

}  // namespace

// The session, as one that runs with threads of its own.
void* GearnnThreaded(void* session) { return new Threaded(static_cast<tensorflow::Session*>(session)); }

// Runs `part` for ranges of 0 to `count`, one for each thread, the first of them on the caller's.
void GearnnShare(int64_t count, const std::function<void(int64_t, int64_t)>& part) {
  Threads* threads = SharedThreads();
  int64_t parts = std::min<int64_t>(count, number_of_thread < 0 ? threads->NumThreads() : 1);
  std::atomic<int64_t> left(parts - 1);
  for (int64_t i = 1; i < parts; i++)
    threads->Schedule([&, i] {
      part(count * i / parts, count * (i + 1) / parts);
      left.fetch_sub(1, std::memory_order_release);
    });
  part(0, count / parts);
  // What is left is about to end.
  while (left.load(std::memory_order_acquire) > 0) Relax();
}
