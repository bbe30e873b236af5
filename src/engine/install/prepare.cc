// What has to happen in native code before TensorFlow's main library is loaded. `gearnn engine install` compiles this file into an addon of
// its own, linked to TensorFlow's smaller library alone: that one holds the log, and the main library writes to it while it loads.
#include <node_api.h>

#include <cstdlib>

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

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "setVariable", NAPI_AUTO_LENGTH, SetVariable, nullptr, &function);
  napi_set_named_property(env, exports, "setVariable", function);
  return exports;
}
