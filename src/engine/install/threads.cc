// Threads that share the work of one op. TensorFlow's own sleep as soon as there is nothing to do for some microseconds, and an op's caller sleeps until
// they are done. Waking each takes tens of microseconds, on a virtual machine more than many ops of a small network do. These threads look for work
// without sleeping for a while, and the caller does a part of it.
#include "tensorflow/core/platform/threadpool_options.h"
#include "tensorflow/core/public/session.h"

#include <pthread.h>
#if defined(__linux__)
#include <sched.h>
#endif

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

// Processors that this process may use.
class Processors {
 public:
#if defined(__linux__)
  Processors() {
    CPU_ZERO(&allowed_);
    if (sched_getaffinity(0, sizeof allowed_, &allowed_) != 0) CPU_ZERO(&allowed_);
  }
  int count() const { return CPU_COUNT(&allowed_); }

  // Lets threads run everywhere but where the calling thread runs now. The scheduler by itself wakes a thread beside the one that woke it, and leaves
  // both there, while other processors have nothing to do.
  void KeepOff(const std::vector<pthread_t>& threads) {
    int here = sched_getcpu();
    if (here < 0 || here == last_.load(std::memory_order_relaxed) || count() < 2) return;
    std::lock_guard<std::mutex> lock(mutex_);
    last_.store(here, std::memory_order_relaxed);
    cpu_set_t others = allowed_;
    CPU_CLR(here, &others);
    for (pthread_t thread : threads) pthread_setaffinity_np(thread, sizeof others, &others);
  }

 private:
  cpu_set_t allowed_;
  std::mutex mutex_;
  std::atomic<int> last_{-1};
#else
  int count() const { return static_cast<int>(std::thread::hardware_concurrency()); }
  void KeepOff(const std::vector<pthread_t>&) {}
#endif
};

// Threads as TensorFlow itself counts them.
int ThreadsOfOp(const Processors& processors) {
  const char* set = std::getenv("TF_NUM_INTRAOP_THREADS");
  int threads = set == nullptr ? 0 : std::atoi(set);
  return threads > 0 ? threads : std::max(1, processors.count());
}

// Which of them a thread is; none for others.
thread_local int number_of_thread = -1;
// Whether a thread computes its part of an op that others have the rest of.
thread_local bool takes_part = false;

// All but one work beside a caller, and stay off its processor. The last one is for what these hand on while the caller sleeps.
class Threads : public tensorflow::thread::ThreadPoolInterface {
 public:
  Threads() : count_(ThreadsOfOp(processors_)), helpers_(std::max(1, count_ - 1)) {
    for (int i = 0; i < count_; i++) {
      std::thread thread([this, i] { Work(i); });
      if (i < helpers_) handles_.push_back(thread.native_handle());
      thread.detach();
    }
  }

  void Schedule(std::function<void()> task) override {
    bool is_handed_on = number_of_thread >= 0;
    if (!is_handed_on) processors_.KeepOff(handles_);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back({std::move(task), is_handed_on});
      waiting_.fetch_add(1, std::memory_order_release);
    }
    if (seeking_.load() >= waiting_.load()) return;
    helper_.notify_one();
    if (is_handed_on) last_.notify_one();
  }

  // oneDNN's way in: a task that hands all parts of an op but one to other threads. Who asks for it computes that part instead of sleeping meanwhile.
  void ScheduleWithHint(std::function<void()> task, int, int) override {
    if (takes_part || number_of_thread >= 0) return Schedule(std::move(task));
    takes_part = true;
    task();
    takes_part = false;
  }

  // Does a task that waits for a thread; false where none does.
  bool DoOne() {
    std::function<void()> task;
    if (!Take(-1, &task)) return false;
    task();
    return true;
  }

  int NumThreads() const override { return count_; }
  int CurrentThreadId() const override { return takes_part ? count_ - 1 : number_of_thread; }

 private:
  struct Task {
    std::function<void()> run;
    bool is_handed_on;
  };

  // Under the lock: the first task that a thread may take.
  std::deque<Task>::iterator Next(int number) {
    return std::find_if(tasks_.begin(), tasks_.end(),
                        [&](const Task& task) { return number < helpers_ || task.is_handed_on; });
  }

  void Remove(std::deque<Task>::iterator found, std::function<void()>* task) {
    *task = std::move(found->run);
    tasks_.erase(found);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
  }

  bool Take(int number, std::function<void()>* task) {
    if (waiting_.load(std::memory_order_acquire) <= 0) return false;
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = Next(number);
    if (found == tasks_.end()) return false;
    Remove(found, task);
    return true;
  }

  bool Seek(int number, std::function<void()>* task) {
    bool found = false;
    seeking_.fetch_add(1);
    auto now = std::chrono::steady_clock::now(), end = now + kPatience;
    while (!found && now < end) {
      for (int i = 0; i < 64 && !found; i++) {
        found = Take(number, task);
        if (!found) Relax();
      }
      if (found) break;
      // Whoever waits for this processor has work to do. Then this thread sleeps, and is woken on a processor that is free.
      auto before = std::chrono::steady_clock::now();
      std::this_thread::yield();
      now = std::chrono::steady_clock::now();
      if (now - before > kTaken) break;
    }
    seeking_.fetch_sub(1);
    return found;
  }

  void Work(int number) {
    number_of_thread = number;
    bool helps = number < helpers_;
    std::function<void()> task;
    for (;;) {
      if (!Take(number, &task) && !(helps && Seek(number, &task))) {
        std::unique_lock<std::mutex> lock(mutex_);
        (helps ? helper_ : last_).wait(lock, [&] { return Next(number) != tasks_.end(); });
        Remove(Next(number), &task);
      }
      task();
      task = nullptr;
    }
  }

  Processors processors_;
  const int count_;
  const int helpers_;
  std::vector<pthread_t> handles_;
  std::mutex mutex_;
  std::condition_variable helper_, last_;
  std::deque<Task> tasks_;
  std::atomic<int> waiting_{0}, seeking_{0};
};

// For the whole process, and as long as it: threads that wait are no reason to stay.
Threads* SharedThreads() {
  static Threads* threads = new Threads();
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
  int64_t parts = std::min<int64_t>(count, threads->CurrentThreadId() < 0 ? threads->NumThreads() : 1);
  std::atomic<int64_t> left(parts - 1);
  for (int64_t i = 1; i < parts; i++)
    threads->Schedule([&, i] {
      part(count * i / parts, count * (i + 1) / parts);
      left.fetch_sub(1, std::memory_order_release);
    });
  part(0, count / parts);
  // What no thread has begun yet is done here; the rest is about to end.
  for (int i = 0; left.load(std::memory_order_acquire) > 0; i++) {
    if (threads->DoOne()) continue;
    if (i % 64 == 63) std::this_thread::yield();
    Relax();
  }
}
