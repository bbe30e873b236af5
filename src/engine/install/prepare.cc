// What has to happen in native code before TensorFlow's main library is loaded. `gearnn engine install` compiles this file into an addon of
// its own, linked to TensorFlow's smaller library alone: that one holds the log, and the main library writes to it while it loads.
#include <node_api.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#if __has_include("absl/base/options.h")
#include "absl/base/options.h"
#endif

#if defined(ABSL_OPTION_USE_INLINE_NAMESPACE) && ABSL_OPTION_USE_INLINE_NAMESPACE
#define GEARNN_ABSL_LOG
// As absl/log/globals.h declares it. Weak: a release of TensorFlow that logs otherwise lacks it, and loads all the same.
namespace absl {
inline namespace ABSL_OPTION_INLINE_NAMESPACE_NAME {
enum class LogSeverityAtLeast : int;
__attribute__((weak)) void SetMinLogLevel(LogSeverityAtLeast level);
}  // namespace ABSL_OPTION_INLINE_NAMESPACE_NAME
}  // namespace absl
#endif

namespace {

// The loader runs this before the constructors of the libraries that came along (`-z initfirst`), one of which writes the first message.
__attribute__((constructor)) void Prepare() {
  // Read while the libraries load, and in a worker thread JavaScript cannot set it by then.
  setenv("TF_ENABLE_ONEDNN_OPTS", "1", 0);
  // 0 information, 1 warnings, 2 errors, 3 only what ends the process.
#ifdef GEARNN_ABSL_LOG
  const char* level = getenv("TF_CPP_MIN_LOG_LEVEL");
  if (&absl::SetMinLogLevel != nullptr) {
    absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(level == nullptr ? 3 : atoi(level)));
  }
#endif
}

// setVariable(name: string, value: string): sets a variable of the process's environment. A worker thread's `process.env` is a copy that native
// code does not see.
napi_value SetVariable(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  char texts[2][256];
  bool valid = napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr) == napi_ok && count == 2;
  for (int i = 0; valid && i < 2; i++) {
    size_t length = 0;
    valid = napi_get_value_string_utf8(env, arguments[i], texts[i], sizeof texts[i], &length) == napi_ok;
  }
  if (!valid) {
    napi_throw_type_error(env, nullptr, "setVariable: expected a name and a value");
    return nullptr;
  }
  setenv(texts[0], texts[1], 1);
  return nullptr;
}

// mapFrom(bytes: number): blocks of so many bytes and more are the system's again as soon as they are freed. glibc by itself raises its limit to the
// largest block that it has seen freed, 32 MiB at most, and keeps what is smaller.
napi_value MapFrom(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t bytes = 0;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_get_value_int32(env, argument, &bytes) != napi_ok || bytes <= 0) {
    napi_throw_type_error(env, nullptr, "mapFrom: expected a number of bytes");
    return nullptr;
  }
#if defined(__GLIBC__)
  mallopt(M_MMAP_THRESHOLD, bytes);
#endif
  return nullptr;
}

// Pages of TensorFlow's libraries that nothing has written to: most were read once, while the library was loaded or a graph was made. What is
// read again comes out of the system's cache of files.
void ForgetCode() {
#if defined(__linux__)
  FILE* maps = fopen("/proc/self/smaps", "re");
  if (maps == nullptr) return;
  char line[4352];
  unsigned long from = 0, to = 0;
  bool ours = false;
  while (fgets(line, sizeof line, maps) != nullptr) {
    char rights[8];
    unsigned long begin, end, kilobytes;
    if (sscanf(line, "%lx-%lx %7s", &begin, &end, rights) == 3) {
      from = begin;
      to = end;
      ours = strstr(line, "/libtensorflow") != nullptr && (strcmp(rights, "r--p") == 0 || strcmp(rights, "r-xp") == 0);
    } else if (ours && sscanf(line, "Anonymous: %lu", &kilobytes) == 1 && kilobytes == 0) {
      madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
    }
  }
  fclose(maps);
#endif
}

// Code and constants of TensorFlow's libraries, which nothing can have written to: segments that are relocated lie behind them in the file.
void ForgetUnwritten() {
#if defined(__linux__)
  FILE* maps = fopen("/proc/self/maps", "re");
  if (maps == nullptr) return;
  char line[4352];
  while (fgets(line, sizeof line, maps) != nullptr) {
    char rights[8];
    unsigned long begin, end, offset;
    if (sscanf(line, "%lx-%lx %7s %lx", &begin, &end, rights, &offset) != 4 || strstr(line, "/libtensorflow") == nullptr) continue;
    bool unwritten = strcmp(rights, "r-xp") == 0 || (strcmp(rights, "r--p") == 0 && offset == 0);
    if (unwritten) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  fclose(maps);
#endif
}

std::mutex mutex;
std::thread* sweeper = nullptr;
std::atomic<bool> sweeping{false};

// sweep(on: boolean): lets pages go while the libraries load, of which the loader reads hundreds of megabytes once.
napi_value Sweep(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  bool on = false;
  if (napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr) != napi_ok || count != 1 ||
      napi_get_value_bool(env, argument, &on) != napi_ok) {
    napi_throw_type_error(env, nullptr, "sweep: expected true or false");
    return nullptr;
  }
  std::lock_guard<std::mutex> lock(mutex);
  sweeping = on;
  if (on && sweeper == nullptr) {
    sweeper = new std::thread([] {
      while (sweeping) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        ForgetUnwritten();
      }
    });
  } else if (!on && sweeper != nullptr) {
    sweeper->join();
    delete sweeper;
    sweeper = nullptr;
  }
  return nullptr;
}

// release(): gives the system back what is freed, and what is code that was needed once.
napi_value Release(napi_env, napi_callback_info) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
  ForgetCode();
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {{"setVariable", SetVariable}, {"mapFrom", MapFrom}, {"release", Release}, {"sweep", Sweep}};
  for (const auto& each : functions) {
    napi_value function;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.call, nullptr, &function);
    napi_set_named_property(env, exports, each.name, function);
  }
  // Built together with session.cc, so it speaks for that.
  napi_value can;
  napi_get_boolean(env, true, &can);
  napi_set_named_property(env, exports, "sharesWeights", can);
  napi_set_named_property(env, exports, "runsAlone", can);
  napi_set_named_property(env, exports, "hasKernels", can);
  return exports;
}
