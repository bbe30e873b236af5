// How the binding loads and runs graphs. tfjs-node's own way holds a graph's weights twice more than they are computed with: in a TF_Graph, of
// which it needs names alone, and in what TensorFlow keeps to prepare further runs, of which a recorded graph has none. `gearnn engine install`
// compiles tfjs-node's sources so that they call the functions below in the places of TensorFlow's; whoever loads a SavedModel gets those.
#undef TF_LoadSessionFromSavedModel
#undef TF_SessionRun
#undef TF_DeleteSession
#undef TF_GraphOperationByName
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/kernels.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace tensorflow {
// What a session of this process is. As tensorflow/core/public/session.h says, Finalize() "can be used in conjunction with a 'warmup' phase to
// reduce the memory consumed by the session". Weak: a release without it loads all the same, and keeps what it would let go.
class DirectSession {
 public:
  // An absl::Status: one word, which is returned as what has a destructor is.
  struct Status {
    void* word;
    ~Status() {}
  };
  __attribute__((weak)) Status Finalize();
};

// What a session computes on. Whether it shares the process's threads within an op is asked when it is made; as protected members go, any class of
// this name sees it. Weak as well.
class LocalDevice {
 public:
  __attribute__((weak)) static bool use_global_threadpool_;
};
}  // namespace tensorflow

// In kernels.cc.
void GearnnRegisterKernels(TF_Status* status);
// In threads.cc.
void* GearnnThreaded(void* session);

namespace {

// A graph that lies in a file of its own, as a GraphDef.
struct Recorded {
  // Its first and only member is the tensorflow::Session.
  TF_DeprecatedSession* session;
  // That session, or the one that it runs.
  void* direct;
  // Names stand in for operations; a set's elements stay where they are.
  std::set<std::string> names;
  bool finalized = false;
};

std::mutex mutex;
std::map<const void*, Recorded*> by_session;
std::map<const void*, Recorded*> by_graph;

Recorded* Find(const std::map<const void*, Recorded*>& all, const void* key) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = all.find(key);
  return found == all.end() ? nullptr : found->second;
}

// Tensors in the places of Consts, by the numbers that the nodes carry in the attribute kWeight: while a graph first runs, in which its
// kernels are made.
constexpr char kWeight[] = "_gearnn_weight";
std::map<int64_t, const TF_Tensor*> weights;

// A tensor over the same buffer, of which it holds a share.
TF_Tensor* Share(const TF_Tensor* from, TF_Status* status) {
  std::vector<int64_t> dims;
  for (int i = 0; i < TF_NumDims(from); i++) dims.push_back(TF_Dim(from, i));
  TF_Tensor* to = TF_AllocateTensor(TF_TensorType(from), nullptr, 0, TF_DataTypeSize(TF_TensorType(from)));
  TF_TensorBitcastFrom(from, TF_TensorType(from), to, dims.data(), static_cast<int>(dims.size()), status);
  return to;
}

void* CreateWeight(TF_OpKernelConstruction* construction) {
  TF_Status* status = TF_NewStatus();
  int64_t number = 0;
  TF_Tensor* tensor = nullptr;
  TF_OpKernelConstruction_GetAttrInt64(construction, kWeight, &number, status);
  if (TF_GetCode(status) == TF_OK) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = weights.find(number);
    if (found == weights.end())
      TF_SetStatus(status, TF_NOT_FOUND, "a weight of a recorded graph is made after the graph's first run");
    else
      tensor = Share(found->second, status);
  }
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return tensor;
}

void ComputeWeight(void* kernel, TF_OpKernelContext* context) {
  TF_Status* status = TF_NewStatus();
  TF_SetOutput(context, 0, static_cast<TF_Tensor*>(kernel), status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelContext_Failure(context, status);
  TF_DeleteStatus(status);
}

void DeleteWeight(void* kernel) {
  if (kernel != nullptr) TF_DeleteTensor(static_cast<TF_Tensor*>(kernel));
}

// A kernel for Consts with the attribute `_kernel: "gearnn_weight"`, once for all threads that load this addon.
void RegisterWeight(TF_Status* status) {
  static bool registered = false;
  std::lock_guard<std::mutex> lock(mutex);
  if (registered) return;
  TF_KernelBuilder* builder = TF_NewKernelBuilder("Const", "CPU", CreateWeight, ComputeWeight, DeleteWeight);
  TF_KernelBuilder_Label(builder, "gearnn_weight");
  TF_RegisterKernelBuilder("gearnn_weight", builder, status);
  registered = TF_GetCode(status) == TF_OK;
}

// A tensorflow.ConfigProto: experimental (16) { disable_output_partition_graphs (14): true }: no copy of the graph for a debugger.
const std::string kConfig("\x82\x01\x02\x70\x01", 5);
// graph_options (10) { rewrite_options (10) { constant_folding (3): OFF } }: it would compute with what stands for weights.
const std::string kUnfolded("\x52\x04\x52\x02\x18\x02", 6);
// intra_op_parallelism_threads (2): 1, inter_op_parallelism_threads (5): -1: all is computed by whoever calls.
const std::string kAlone("\x10\x01\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13);

// inter_op_parallelism_threads (5): -1: whoever calls runs op after op.
const std::string kCalled("\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);

// How a graph is to run.
struct Manner {
  // Weights are tensors of the process.
  bool shares;
  // A small graph, for which waking other threads takes longer than what they would do.
  bool alone;
  // Threads that share an op wait for more without sleeping, and the caller runs op after op.
  bool spins;
};

// A session that may have its threads to itself: those of the process are more than it wants.
TF_DeprecatedSession* NewSession(const TF_SessionOptions* options, bool alone, TF_Status* status) {
  bool* shared = &tensorflow::LocalDevice::use_global_threadpool_;
  if (!alone || shared == nullptr) return TF_NewDeprecatedSession(options, status);
  std::lock_guard<std::mutex> lock(mutex);
  *shared = false;
  TF_DeprecatedSession* session = TF_NewDeprecatedSession(options, status);
  *shared = true;
  return session;
}

TF_Session* Load(const std::string& path, int file, Manner manner, TF_Graph* graph, TF_Status* status) {
  struct stat found;
  void* bytes = fstat(file, &found) == 0 && found.st_size > 0
                    ? mmap(nullptr, found.st_size, PROT_READ, MAP_PRIVATE, file, 0)
                    : MAP_FAILED;
  close(file);
  if (bytes == MAP_FAILED) {
    TF_SetStatus(status, TF_DATA_LOSS, ("cannot map " + path).c_str());
    return nullptr;
  }
  TF_SessionOptions* options = TF_NewSessionOptions();
  std::string config = kConfig + (manner.shares ? kUnfolded : "") + (manner.alone ? kAlone : manner.spins ? kCalled : "");
  TF_SetConfig(options, config.data(), config.size(), status);
  if (manner.shares && TF_GetCode(status) == TF_OK) RegisterWeight(status);
  if (TF_GetCode(status) == TF_OK) GearnnRegisterKernels(status);
  TF_DeprecatedSession* session = TF_GetCode(status) == TF_OK ? NewSession(options, manner.alone, status) : nullptr;
  TF_DeleteSessionOptions(options);
  if (TF_GetCode(status) == TF_OK) TF_ExtendGraph(session, bytes, found.st_size, status);
  munmap(bytes, found.st_size);
  if (TF_GetCode(status) != TF_OK) {
    if (session != nullptr) {
      TF_Status* ignored = TF_NewStatus();
      TF_DeleteDeprecatedSession(session, ignored);
      TF_DeleteStatus(ignored);
    }
    return nullptr;
  }
  void** own = reinterpret_cast<void**>(session);
  Recorded* recorded = new Recorded{session, *own};
  if (manner.spins) *own = GearnnThreaded(*own);
  std::lock_guard<std::mutex> lock(mutex);
  by_session[recorded] = recorded;
  by_graph[graph] = recorded;
  return reinterpret_cast<TF_Session*>(recorded);
}

const std::string& NameOf(const TF_Output& output) { return *reinterpret_cast<const std::string*>(output.oper); }

std::vector<std::string> NamesOf(const TF_Output* outputs, int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; i++) names.push_back(NameOf(outputs[i]) + ":" + std::to_string(outputs[i].index));
  return names;
}

// Weights come last among the inputs of a graph's first run, by the names `w` and their numbers. They are known as long as this lives.
class KnownWeights {
 public:
  KnownWeights(const TF_Output* inputs, TF_Tensor* const* values, int count) : first_(count) {
    while (first_ > 0 && NameOf(inputs[first_ - 1])[0] == 'w') first_--;
    std::lock_guard<std::mutex> lock(mutex);
    for (int i = first_; i < count; i++) {
      numbers_.push_back(std::strtoll(NameOf(inputs[i]).c_str() + 1, nullptr, 10));
      weights[numbers_.back()] = values[i];
    }
  }
  ~KnownWeights() {
    std::lock_guard<std::mutex> lock(mutex);
    for (int64_t number : numbers_) weights.erase(number);
  }
  // How many inputs are none.
  int first() const { return first_; }

 private:
  int first_;
  std::vector<int64_t> numbers_;
};

std::vector<const char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  return pointers;
}

}  // namespace

extern "C" {

TF_Session* GearnnLoadSession(const TF_SessionOptions* options, const TF_Buffer* run_options, const char* folder,
                              const char* const* tags, int tags_count, TF_Graph* graph, TF_Buffer* meta_graph,
                              TF_Status* status) {
  std::string path = std::string(folder) + "/graph.pb";
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  auto tagged = [&](const char* tag) {
    return std::any_of(tags, tags + tags_count, [&](const char* one) { return std::strcmp(one, tag) == 0; });
  };
  if (file >= 0) return Load(path, file, {tagged("weights"), tagged("alone"), tagged("spins")}, graph, status);
  return TF_LoadSessionFromSavedModel(options, run_options, folder, tags, tags_count, graph, meta_graph, status);
}

TF_Operation* GearnnOperationByName(TF_Graph* graph, const char* name) {
  Recorded* recorded = Find(by_graph, graph);
  if (recorded == nullptr) return TF_GraphOperationByName(graph, name);
  std::lock_guard<std::mutex> lock(mutex);
  const std::string& kept = *recorded->names.insert(name).first;
  return reinterpret_cast<TF_Operation*>(const_cast<std::string*>(&kept));
}

void GearnnSessionRun(TF_Session* session, const TF_Buffer* run_options, const TF_Output* inputs,
                      TF_Tensor* const* input_values, int inputs_count, const TF_Output* outputs,
                      TF_Tensor** output_values, int outputs_count, const TF_Operation* const* targets,
                      int targets_count, TF_Buffer* run_metadata, TF_Status* status) {
  Recorded* recorded = Find(by_session, session);
  if (recorded == nullptr) {
    TF_SessionRun(session, run_options, inputs, input_values, inputs_count, outputs, output_values, outputs_count,
                  targets, targets_count, run_metadata, status);
    return;
  }
  KnownWeights known(inputs, input_values, inputs_count);
  inputs_count = known.first();
  std::vector<std::string> input_names = NamesOf(inputs, inputs_count), output_names = NamesOf(outputs, outputs_count);
  std::vector<TF_Tensor*> values(input_values, input_values + inputs_count);
  TF_Run(recorded->session, run_options, Pointers(input_names).data(), values.data(), inputs_count,
         Pointers(output_names).data(), output_values, outputs_count, nullptr, 0, run_metadata, status);
  if (TF_GetCode(status) != TF_OK || recorded->finalized) return;
  // A recorded graph is always run with the same inputs and outputs, so the first run has prepared all there are.
  recorded->finalized = true;
  auto finalize = &tensorflow::DirectSession::Finalize;
  if (finalize != nullptr) (static_cast<tensorflow::DirectSession*>(recorded->direct)->*finalize)();
}

void GearnnDeleteSession(TF_Session* session, TF_Status* status) {
  Recorded* recorded = Find(by_session, session);
  if (recorded == nullptr) {
    TF_DeleteSession(session, status);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex);
    by_session.erase(recorded);
    for (auto entry = by_graph.begin(); entry != by_graph.end();)
      entry = entry->second == recorded ? by_graph.erase(entry) : std::next(entry);
  }
  TF_CloseDeprecatedSession(recorded->session, status);
  TF_DeleteDeprecatedSession(recorded->session, status);
  delete recorded;
}

}  // extern "C"
