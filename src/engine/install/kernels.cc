// Ops of recorded graphs that TensorFlow has no fast kernel for. Each reads its input once and writes its result once, on the thread that runs it:
// what they replace is several ops that hand a tensor from memory to memory, and wait for other threads at each.
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

// The compiler makes one copy of a function for each kind of processor, and the loader takes the best that runs.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define GEARNN_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#define GEARNN_INLINE inline __attribute__((always_inline))
#else
#define GEARNN_VECTORS
#define GEARNN_INLINE inline
#endif

// In threads.cc: runs `part` for ranges of 0 to `count`, on several threads at once.
void GearnnShare(int64_t count, const std::function<void(int64_t, int64_t)>& part);

namespace {

// Values from which on an op is for several threads.
constexpr int64_t kShared = 1 << 15;

// Runs `part` for ranges of rows.
template <class Part>
void ForRows(int64_t rows, int64_t row, const Part& part) {
  if (rows * row < kShared)
    part(0, rows);
  else
    GearnnShare(rows, part);
}

struct Tensor {
  TF_Tensor* tensor = nullptr;
  ~Tensor() {
    if (tensor != nullptr) TF_DeleteTensor(tensor);
  }
  template <class T>
  T* data() const {
    return static_cast<T*>(TF_TensorData(tensor));
  }
  int64_t size() const { return TF_TensorElementCount(tensor); }
};

struct Status {
  TF_Status* status = TF_NewStatus();
  ~Status() { TF_DeleteStatus(status); }
  bool ok() const { return TF_GetCode(status) == TF_OK; }
  void fail(const char* message) { TF_SetStatus(status, TF_INVALID_ARGUMENT, message); }
};

// bfloat16 is the upper half of a float.
GEARNN_INLINE float Widen(uint16_t half) {
  uint32_t bits = static_cast<uint32_t>(half) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
GEARNN_INLINE float Widen(float value) { return value; }

// To the nearest, ties to even.
GEARNN_INLINE void Narrow(float value, uint16_t* to) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bool is_nan = (bits & 0x7fffffff) > 0x7f800000;
  *to = is_nan ? 0x7fc0 : static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
GEARNN_INLINE void Narrow(float value, float* to) { *to = value; }

// How many sums run side by side, so that the compiler may keep them in one register.
constexpr int kSums = 16;

template <class T>
GEARNN_INLINE float Sum(const T* x, int64_t size, float minus, bool square) {
  float sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= size; i += kSums)
    for (int j = 0; j < kSums; j++) {
      float value = Widen(x[i + j]) - minus;
      sums[j] += square ? value * value : value;
    }
  float sum = 0;
  for (; i < size; i++) {
    float value = Widen(x[i]) - minus;
    sum += square ? value * value : value;
  }
  for (float one : sums) sum += one;
  return sum;
}

template <class T>
GEARNN_INLINE void Normalize(const T* x, const float* scale, const float* offset, T* y, int64_t rows, int64_t size,
                      float epsilon) {
  for (int64_t row = 0; row < rows; row++, x += size, y += size) {
    float mean = Sum(x, size, 0, false) / size;
    float factor = 1 / std::sqrt(Sum(x, size, mean, true) / size + epsilon);
    for (int64_t i = 0; i < size; i++) Narrow((Widen(x[i]) - mean) * factor * scale[i] + offset[i], y + i);
  }
}

GEARNN_VECTORS void NormalizeRows(const float* x, const float* scale, const float* offset, float* y, int64_t rows,
                                  int64_t size, float epsilon) {
  Normalize(x, scale, offset, y, rows, size, epsilon);
}

GEARNN_VECTORS void NormalizeRows(const uint16_t* x, const float* scale, const float* offset, uint16_t* y,
                                  int64_t rows, int64_t size, float epsilon) {
  Normalize(x, scale, offset, y, rows, size, epsilon);
}

// (x - mean) / sqrt(variance + epsilon) * scale + offset over the last axis.
template <class T>
void LayerNorm(const std::vector<float>& numbers, TF_OpKernelContext* context, Status& status) {
  float epsilon = numbers.empty() ? 0 : numbers[0];
  Tensor x, scale, offset, y;
  TF_GetInput(context, 0, &x.tensor, status.status);
  if (status.ok()) TF_GetInput(context, 1, &scale.tensor, status.status);
  if (status.ok()) TF_GetInput(context, 2, &offset.tensor, status.status);
  if (!status.ok()) return;
  std::vector<int64_t> dims;
  for (int i = 0; i < TF_NumDims(x.tensor); i++) dims.push_back(TF_Dim(x.tensor, i));
  if (dims.empty() || scale.size() != dims.back() || offset.size() != dims.back())
    return status.fail("GearnnLayerNorm: scale and offset have one number for each of the last axis");
  y.tensor = TF_AllocateOutput(context, 0, TF_TensorType(x.tensor), dims.data(), dims.size(), x.size() * sizeof(T),
                               status.status);
  if (!status.ok() || x.size() == 0) return;
  int64_t row = dims.back();
  ForRows(x.size() / row, row, [&](int64_t from, int64_t to) {
    NormalizeRows(x.data<T>() + from * row, scale.data<float>(), offset.data<float>(), y.data<T>() + from * row,
                  to - from, row, epsilon);
  });
}

GEARNN_VECTORS void ScaleRow(const float* x, float* y, int64_t size, float factor) {
  for (int64_t i = 0; i < size; i++) y[i] = x[i] * factor;
}

GEARNN_VECTORS void ScaleRow(const uint16_t* x, uint16_t* y, int64_t size, float factor) {
  for (int64_t i = 0; i < size; i++) Narrow(Widen(x[i]) * factor, y + i);
}

template <class T>
void CopyRow(const T* x, T* y, int64_t size, int64_t step, float factor) {
  if (step == 1 && factor == 1) {
    std::memcpy(y, x, size * sizeof(T));
  } else if (step == 1) {
    ScaleRow(x, y, size, factor);
  } else {
    for (int64_t i = 0; i < size; i++) Narrow(Widen(x[i * step]) * factor, y + i);
  }
}

// What lies in the input at given steps, times a number: slices, turned axes and new shapes in one copy. `geometry` is the place of the first
// value, the sides of the result, and for each side the step from one value to the next.
template <class T>
void View(const std::vector<float>& scale, TF_OpKernelContext* context, Status& status) {
  float factor = scale.empty() ? 1 : scale[0];
  Tensor x, geometry, y;
  TF_GetInput(context, 0, &x.tensor, status.status);
  if (status.ok()) TF_GetInput(context, 1, &geometry.tensor, status.status);
  if (!status.ok()) return;
  const int32_t* numbers = geometry.data<int32_t>();
  int rank = static_cast<int>((geometry.size() - 1) / 2);
  if (rank < 1 || geometry.size() != 2 * rank + 1)
    return status.fail("GearnnView: its geometry is a place, sides and as many steps");
  std::vector<int64_t> sides(numbers + 1, numbers + 1 + rank), steps(numbers + 1 + rank, numbers + 1 + 2 * rank);
  int64_t size = 1, first = numbers[0], last = numbers[0];
  for (int i = 0; i < rank; i++) {
    size *= sides[i];
    (steps[i] < 0 ? first : last) += (sides[i] - 1) * steps[i];
  }
  if (size > 0 && (first < 0 || last >= x.size())) return status.fail("GearnnView: places outside of the input");
  y.tensor = TF_AllocateOutput(context, 0, TF_TensorType(x.tensor), sides.data(), rank, size * sizeof(T),
                               status.status);
  if (!status.ok() || size == 0) return;
  // Axes that lie in the input as they lie in the result are one.
  while (rank > 1 && steps[rank - 2] == steps[rank - 1] * sides[rank - 1]) {
    steps[rank - 2] = steps[rank - 1];
    sides[rank - 2] *= sides[rank - 1];
    rank--;
  }
  int64_t row = sides[rank - 1];
  ForRows(size / row, row, [&](int64_t begin, int64_t end) {
    const T* from = x.data<T>() + numbers[0];
    T* to = y.data<T>() + begin * row;
    std::vector<int64_t> at(rank, 0);
    int64_t rest = begin;
    for (int i = rank - 2; i >= 0; i--) {
      at[i] = rest % sides[i];
      rest /= sides[i];
      from += at[i] * steps[i];
    }
    for (int64_t done = begin; done < end; done++, to += row) {
      CopyRow(from, to, row, steps[rank - 1], factor);
      for (int i = rank - 2; i >= 0; i--) {
        from += steps[i];
        if (++at[i] < sides[i]) break;
        from -= steps[i] * sides[i];
        at[i] = 0;
      }
    }
  });
}

// The error function, as a quotient of polynomials: within 4e-7 everywhere.
// @source the coefficients of Eigen's and XLA's erf for floats
GEARNN_INLINE float Erf(float x) {
  x = x < -4 ? -4 : x > 4 ? 4 : x;
  float s = x * x;
  float above = ((-2.72614225801306e-10f * s + 2.77068142495902e-08f) * s - 2.10102402082508e-06f) * s;
  above = ((above - 5.69250639462346e-05f) * s - 7.34990630326855e-04f) * s;
  above = (above - 2.95459980854025e-03f) * s - 1.60960333262415e-02f;
  float below = ((-1.45660718464996e-05f * s - 2.13374055278905e-04f) * s - 1.68282697438203e-03f) * s;
  below = (below - 7.37332916720468e-03f) * s - 1.42647390514189e-02f;
  return x * above / below;
}

// The exponential function as a power of two times a polynomial, within 2e-7 of its value.
// @source the coefficients of Cephes' expf
GEARNN_INLINE float Exp(float x) {
  x = x < -87 ? -87 : x > 88 ? 88 : x;
  // Added to a float, this leaves no place for a fraction.
  constexpr float kWhole = 12582912;
  float power = (x * 1.44269504088896341f + kWhole) - kWhole;
  float rest = x - power * 0.693359375f + power * 2.12194440e-4f;
  float sum = ((1.9875691500e-4f * rest + 1.3981999507e-3f) * rest + 8.3334519073e-3f) * rest;
  sum = ((sum + 4.1665795894e-2f) * rest + 1.6666665459e-1f) * rest + 5.0000001201e-1f;
  int32_t bits = (static_cast<int32_t>(power) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return (sum * rest * rest + rest + 1) * scale;
}

// What is done to every number by itself, one step after the other, by the codes of pointwise.ts.
enum Step { kMul, kAdd, kMin, kMax, kHardSwish, kGelu, kSigmoid, kSilu };

// Numbers that go through all steps before the next ones do.
constexpr int64_t kBlock = 512;

GEARNN_INLINE void Take(int step, float number, float* x, int64_t size) {
  switch (step) {
    case kMul:
      for (int64_t i = 0; i < size; i++) x[i] *= number;
      break;
    case kAdd:
      for (int64_t i = 0; i < size; i++) x[i] += number;
      break;
    // What is no number stays none.
    case kMin:
      for (int64_t i = 0; i < size; i++) x[i] = x[i] > number ? number : x[i];
      break;
    case kMax:
      for (int64_t i = 0; i < size; i++) x[i] = x[i] < number ? number : x[i];
      break;
    case kHardSwish:
      for (int64_t i = 0; i < size; i++) {
        float bent = x[i] + 3;
        bent = bent < 0 ? 0 : bent > 6 ? 6 : bent;
        x[i] = x[i] * bent * (1.0f / 6);
      }
      break;
    case kGelu:
      for (int64_t i = 0; i < size; i++) x[i] = 0.5f * x[i] * (1 + Erf(x[i] * 0.70710678118654752f));
      break;
    case kSigmoid:
      for (int64_t i = 0; i < size; i++) x[i] = 1 / (1 + Exp(-x[i]));
      break;
    case kSilu:
      for (int64_t i = 0; i < size; i++) x[i] = x[i] / (1 + Exp(-x[i]));
      break;
  }
}

template <class T>
GEARNN_INLINE void TakeAll(const std::vector<float>& steps, const T* x, T* y, int64_t size) {
  float block[kBlock];
  for (int64_t first = 0; first < size; first += kBlock) {
    int64_t count = std::min(kBlock, size - first);
    for (int64_t i = 0; i < count; i++) block[i] = Widen(x[first + i]);
    for (size_t i = 0; i + 1 < steps.size(); i += 2) Take(static_cast<int>(steps[i]), steps[i + 1], block, count);
    for (int64_t i = 0; i < count; i++) Narrow(block[i], y + first + i);
  }
}

GEARNN_VECTORS void TakeSteps(const std::vector<float>& steps, const float* x, float* y, int64_t size) {
  TakeAll(steps, x, y, size);
}

GEARNN_VECTORS void TakeSteps(const std::vector<float>& steps, const uint16_t* x, uint16_t* y, int64_t size) {
  TakeAll(steps, x, y, size);
}

template <class T>
void Pointwise(const std::vector<float>& steps, TF_OpKernelContext* context, Status& status) {
  Tensor x, y;
  TF_GetInput(context, 0, &x.tensor, status.status);
  if (!status.ok()) return;
  std::vector<int64_t> dims;
  for (int i = 0; i < TF_NumDims(x.tensor); i++) dims.push_back(TF_Dim(x.tensor, i));
  int candidate = 0, forwarded = -1;
  y.tensor =
      TF_ForwardInputOrAllocateOutput(context, &candidate, 1, 0, dims.data(), dims.size(), &forwarded, status.status);
  if (!status.ok()) return;
  ForRows(x.size(), 1, [&](int64_t from, int64_t to) {
    TakeSteps(steps, x.data<T>() + from, y.data<T>() + from, to - from);
  });
}

using Run = void (*)(const std::vector<float>&, TF_OpKernelContext*, Status&);

// A kernel with a list of numbers as its attribute.
template <Run run32, Run run16>
struct Kernel {
  std::vector<float> numbers;
  Run run;

  static void* Create(TF_OpKernelConstruction* construction) {
    Status status;
    Kernel* kernel = new Kernel;
    TF_DataType type = TF_FLOAT;
    int32_t count = 0, size = 0;
    TF_OpKernelConstruction_GetAttrSize(construction, "numbers", &count, &size, status.status);
    kernel->numbers.resize(std::max(0, count));
    if (status.ok())
      TF_OpKernelConstruction_GetAttrFloatList(construction, "numbers", kernel->numbers.data(), count, status.status);
    if (status.ok()) TF_OpKernelConstruction_GetAttrType(construction, "T", &type, status.status);
    kernel->run = type == TF_FLOAT ? run32 : run16;
    if (!status.ok()) TF_OpKernelConstruction_Failure(construction, status.status);
    return kernel;
  }

  static void Compute(void* kernel, TF_OpKernelContext* context) {
    Status status;
    Kernel* self = static_cast<Kernel*>(kernel);
    self->run(self->numbers, context, status);
    if (!status.ok()) TF_OpKernelContext_Failure(context, status.status);
  }

  static void Delete(void* kernel) { delete static_cast<Kernel*>(kernel); }

  static void Register(const char* op, TF_Status* status) {
    for (TF_DataType type : {TF_FLOAT, TF_BFLOAT16}) {
      TF_KernelBuilder* builder = TF_NewKernelBuilder(op, "CPU", Create, Compute, Delete);
      TF_KernelBuilder_TypeConstraint(builder, "T", type, status);
      TF_RegisterKernelBuilder((std::string(op) + (type == TF_FLOAT ? "32" : "16")).c_str(), builder, status);
    }
  }
};

void SameShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, 0, shape, status);
  TF_DeleteShapeHandle(shape);
}

void AnyShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

}  // namespace

// Registers the ops and their kernels, once for all threads that load this addon.
void GearnnRegisterKernels(TF_Status* status) {
  static std::mutex mutex;
  static bool registered = false;
  std::lock_guard<std::mutex> lock(mutex);
  if (registered) return;
  const struct {
    const char* name;
    std::vector<const char*> inputs;
    void (*shape)(TF_ShapeInferenceContext*, TF_Status*);
    void (*kernels)(const char*, TF_Status*);
  } ops[] = {
      {"GearnnLayerNorm",
       {"x: T", "scale: float", "offset: float"},
       SameShape,
       Kernel<LayerNorm<float>, LayerNorm<uint16_t>>::Register},
      {"GearnnView", {"x: T", "geometry: int32"}, AnyShape, Kernel<View<float>, View<uint16_t>>::Register},
      {"GearnnPointwise", {"x: T"}, SameShape, Kernel<Pointwise<float>, Pointwise<uint16_t>>::Register},
  };
  for (const auto& op : ops) {
    TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(op.name);
    for (const char* input : op.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
    TF_OpDefinitionBuilderAddOutput(builder, "y: T");
    TF_OpDefinitionBuilderAddAttr(builder, "T: {float, bfloat16}");
    TF_OpDefinitionBuilderAddAttr(builder, "numbers: list(float) = []");
    TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, op.shape);
    TF_RegisterOpDefinition(builder, status);
    if (TF_GetCode(status) == TF_OK) op.kernels(op.name, status);
    if (TF_GetCode(status) != TF_OK) return;
  }
  registered = true;
}
