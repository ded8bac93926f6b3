/*
 * Counting operators for ONNX Runtime, and what the agent needs to give them to a session.
 *
 * ONNX Runtime's functions are called through its table of function pointers, which only ever grows
 * at its end; what is used of it is declared here by place. Every operator is exact for tensors of
 * any size, and holds no state between runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <jni.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- ONNX Runtime's table, by place ---- */

typedef const void *const *Api;
typedef void *Status; /* NULL is success */

enum {
  CREATE_STATUS = 0,
  GET_ERROR_MESSAGE = 2,
  CREATE_SESSION = 7,
  CREATE_SESSION_FROM_ARRAY = 8,
  SET_OPTIMIZED_MODEL_FILE_PATH = 11,
  CLONE_SESSION_OPTIONS = 12,
  DISABLE_PROFILING = 15,
  CREATE_CUSTOM_OP_DOMAIN = 26,
  CUSTOM_OP_DOMAIN_ADD = 27,
  ADD_CUSTOM_OP_DOMAIN = 28,
  GET_TENSOR_MUTABLE_DATA = 51,
  GET_DIMENSIONS_COUNT = 61,
  GET_DIMENSIONS = 62,
  GET_TENSOR_SHAPE_ELEMENT_COUNT = 64,
  GET_TENSOR_TYPE_AND_SHAPE = 65,
  KERNEL_CONTEXT_GET_INPUT = 90,
  KERNEL_CONTEXT_GET_OUTPUT = 91,
  RELEASE_STATUS = 93,
  RELEASE_SESSION = 95,
  RELEASE_TENSOR_TYPE_AND_SHAPE_INFO = 99,
  RELEASE_SESSION_OPTIONS = 100,
  GET_AVAILABLE_PROVIDERS = 125,
  RELEASE_AVAILABLE_PROVIDERS = 126,
  KERNEL_INFO_GET_ATTRIBUTE_ARRAY_INT64 = 163,
  KERNEL_INFO_GET_NODE_NAME = 244,
  KERNEL_CONTEXT_PARALLEL_FOR = 274
};

/* Release with KernelContext_ParallelFor. */
#define PARALLEL_SINCE 17
#define FAIL 1

#define CALL(api, place, ...) ((Status (*)(__VA_ARGS__))(api)[place])
#define RELEASE(api, place, what) ((void (*)(void *))(api)[place])(what)
#define TRY(call)                 \
  do {                            \
    Status failed_ = (call);      \
    if (failed_ != NULL) {        \
      return failed_;             \
    }                             \
  } while (0)

static Status fail(Api api, const char *message) {
  return CALL(api, CREATE_STATUS, int, const char *)(FAIL, message);
}

/* The first release whose sessions take it is 1.16. */
#define OPERATOR_VERSION 16

typedef struct Operator Operator;
struct Operator {
  uint32_t version;
  void *(*create_kernel_v1)(const Operator *, Api, const void *);
  const char *(*name)(const Operator *);
  const char *(*execution_provider)(const Operator *);
  int (*input_type)(const Operator *, size_t);
  size_t (*input_count)(const Operator *);
  int (*output_type)(const Operator *, size_t);
  size_t (*output_count)(const Operator *);
  void (*compute_v1)(void *, void *);
  void (*destroy)(void *);
  int (*input_characteristic)(const Operator *, size_t);
  int (*output_characteristic)(const Operator *, size_t);
  int (*input_memory)(const Operator *, size_t);
  int (*variadic_input_arity)(const Operator *);
  int (*variadic_input_homogeneity)(const Operator *);
  int (*variadic_output_arity)(const Operator *);
  int (*variadic_output_homogeneity)(const Operator *);
  Status (*create_kernel)(const Operator *, Api, const void *, void **);
  Status (*compute)(void *, void *);
  /* Members of later versions, which ONNX Runtime does not read in one of this version. */
  void *later[16];
  /* Ours. */
  const char *title;
  int input;
  int output;
  int kind;
};

enum { FLOAT = 1, INT64 = 7, FLOAT16 = 10, DOUBLE = 11, BFLOAT16 = 16 };
enum { COUNT, BLOCKED, ROWS };

/* ---- Counting ---- */

typedef struct {
  int64_t zeros;
  int64_t nans;
} Counts;

/* Zeros of both signs are 0 once the sign is shifted out; NaNs are above infinity. */
#define COUNTER(NAME, TARGET, WORD, INFINITY_SHIFTED)                             \
  TARGET static Counts NAME(const void *data, size_t size) { \
    const WORD *x = data;                                                         \
    Counts counts = {0, 0};                                                       \
    while (size > 0) {                                                            \
      size_t part = size < (1u << 24) ? size : (1u << 24);                        \
      uint32_t zeros = 0;                                                         \
      uint32_t nans = 0;                                                          \
      for (size_t i = 0; i < part; i++) {                                         \
        WORD bits = (WORD)(x[i] << 1);                                            \
        zeros += bits == 0;                                                       \
        nans += bits > (WORD)(INFINITY_SHIFTED);                                  \
      }                                                                           \
      counts.zeros += zeros;                                                      \
      counts.nans += nans;                                                        \
      x += part;                                                                  \
      size -= part;                                                               \
    }                                                                             \
    return counts;                                                                \
  }

#define COUNTERS(SUFFIX, TARGET)                                    \
  COUNTER(float32_##SUFFIX, TARGET, uint32_t, 0xff000000u)          \
  COUNTER(float64_##SUFFIX, TARGET, uint64_t, 0xffe0000000000000u)  \
  COUNTER(float16_##SUFFIX, TARGET, uint16_t, 0xf800u)              \
  COUNTER(bfloat16_##SUFFIX, TARGET, uint16_t, 0xff00u)

COUNTERS(plain, )
#if defined(__x86_64__)
COUNTERS(avx2, __attribute__((target("avx2"))))
COUNTERS(avx512, __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))))
#endif

typedef Counts (*Counter)(const void *, size_t);

#define CHOOSE(NAME, SUFFIX) NAME##_##SUFFIX
#define OF_TYPE(SUFFIX)                                 \
  switch (type) {                                       \
    case FLOAT: return CHOOSE(float32, SUFFIX);         \
    case DOUBLE: return CHOOSE(float64, SUFFIX);        \
    case FLOAT16: return CHOOSE(float16, SUFFIX);       \
    default: return CHOOSE(bfloat16, SUFFIX);           \
  }

static Counter counter(int type) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    OF_TYPE(avx512)
  }
  if (__builtin_cpu_supports("avx2")) {
    OF_TYPE(avx2)
  }
#endif
  OF_TYPE(plain)
}

static size_t element_size(int type) {
  return type == FLOAT ? 4 : type == DOUBLE ? 8 : 2;
}

/* ---- Kernels ---- */

typedef struct {
  Api api;
  const Operator *operator;
  Counter counter;
  int parallel;
  /* Of ROWS: the channels of each tensor. */
  size_t tensors;
  int64_t *channels;
} Kernel;

typedef struct {
  const char *data;
  size_t size;
  size_t part;
  size_t element;
  Counter counter;
  Counts counts;
} Job;

/* Below this many bytes a thread's start costs more than it saves. */
#define PART (256 * 1024)
#define MOST_PARTS 16

static void count_part(void *shared, size_t index) {
  Job *job = shared;
  size_t from = index * job->part;
  if (from >= job->size) {
    return;
  }
  size_t size = job->size - from < job->part ? job->size - from : job->part;
  Counts counts = job->counter(job->data + from * job->element, size);
  __atomic_fetch_add(&job->counts.zeros, counts.zeros, __ATOMIC_RELAXED);
  __atomic_fetch_add(&job->counts.nans, counts.nans, __ATOMIC_RELAXED);
}

static Status count(const Kernel *kernel, void *context, void *tensor, size_t size, Counts *counts) {
  Api api = kernel->api;
  Job job = {NULL, size, size, element_size(kernel->operator->input), kernel->counter, {0, 0}};
  TRY(CALL(api, GET_TENSOR_MUTABLE_DATA, void *, void **)(tensor, (void **)&job.data));
  size_t parts = size * job.element / PART;
  if (parts > MOST_PARTS) {
    parts = MOST_PARTS;
  }
  if (parts > 1 && kernel->parallel) {
    job.part = (size + parts - 1) / parts;
    TRY(CALL(api, KERNEL_CONTEXT_PARALLEL_FOR, void *, void (*)(void *, size_t), size_t, size_t,
             void *)(context, count_part, parts, 0, &job));
  } else if (size > 0) {
    count_part(&job, 0);
  }
  *counts = job.counts;
  return NULL;
}

/* Sizes of the first four dimensions, 1 where there are fewer; number of elements. */
static Status shape(Api api, void *tensor, int64_t dims[4], size_t *size) {
  void *info;
  TRY(CALL(api, GET_TENSOR_TYPE_AND_SHAPE, void *, void **)(tensor, &info));
  size_t rank = 0;
  Status status = CALL(api, GET_DIMENSIONS_COUNT, void *, size_t *)(info, &rank);
  if (status == NULL) {
    status = CALL(api, GET_TENSOR_SHAPE_ELEMENT_COUNT, void *, size_t *)(info, size);
  }
  for (int i = 0; i < 4; i++) {
    dims[i] = 1;
  }
  if (status == NULL && rank > 0) {
    status = CALL(api, GET_DIMENSIONS, void *, int64_t *, size_t)(info, dims, rank < 4 ? rank : 4);
  }
  RELEASE(api, RELEASE_TENSOR_TYPE_AND_SHAPE_INFO, info);
  return status;
}

static Status output(Api api, void *context, const int64_t *dims, size_t rank, void **data) {
  void *tensor;
  TRY(CALL(api, KERNEL_CONTEXT_GET_OUTPUT, void *, size_t, const int64_t *, size_t,
           void **)(context, 0, dims, rank, &tensor));
  return CALL(api, GET_TENSOR_MUTABLE_DATA, void *, void **)(tensor, data);
}

/* Numbers go through float32 in two parts, each of which it holds exactly. */
#define LOW_BITS 24
#define LOW ((1 << LOW_BITS) - 1)

static void split(int64_t number, float *into) {
  into[0] = (float)(number & LOW);
  into[1] = (float)(number >> LOW_BITS);
}

static int64_t join(const float *parts) {
  return (int64_t)parts[0] + ((int64_t)parts[1] << LOW_BITS);
}

/* float32 [N, C, 1, 1], whose blocked layout is the plain one. No maximum of a Relu is negative. */
static Status write_blocked(Api api, void *context, const int64_t dims[4], size_t size, Counts counts) {
  int64_t out[4] = {dims[0], dims[1], 1, 1};
  float *data;
  TRY(output(api, context, out, 4, (void **)&data));
  size_t places = (size_t)(dims[0] * dims[1]);
  memset(data, 0, places * sizeof(float));
  if (places >= 6) {
    split(counts.zeros, data);
    split(counts.nans, data + 2);
    split((int64_t)size, data + 4);
    data[0] = -1 - data[0];
  }
  return NULL;
}

static Status write_rows(const Kernel *kernel, void *context, const float *in, const int64_t dims[4]) {
  int64_t out[2] = {(int64_t)kernel->tensors, 3};
  int64_t *row;
  TRY(output(kernel->api, context, out, 2, (void **)&row));
  int64_t at = 0;
  for (size_t i = 0; i < kernel->tensors; i++, row += 3) {
    int64_t next = at + kernel->channels[i];
    memset(row, 0, 3 * sizeof(int64_t));
    if (dims[0] > 0) {
      if (next > dims[1] || kernel->channels[i] < 6 || !(in[at] < 0)) {
        return fail(kernel->api, "sparsescope/counts: no counts of the blocked layout");
      }
      float first[2] = {-1 - in[at], in[at + 1]};
      row[0] = join(in + at + 4);
      row[1] = join(first);
      row[2] = join(in + at + 2);
    }
    at = next;
  }
  return NULL;
}

static Status compute(void *self, void *context) {
  const Kernel *kernel = self;
  Api api = kernel->api;
  void *tensor;
  int64_t dims[4];
  size_t size;
  TRY(CALL(api, KERNEL_CONTEXT_GET_INPUT, void *, size_t, void **)(context, 0, &tensor));
  TRY(shape(api, tensor, dims, &size));
  if (kernel->operator->kind == ROWS) {
    const float *in;
    TRY(CALL(api, GET_TENSOR_MUTABLE_DATA, void *, void **)(tensor, (void **)&in));
    return write_rows(kernel, context, in, dims);
  }
  Counts counts;
  TRY(count(kernel, context, tensor, size, &counts));
  if (kernel->operator->kind == BLOCKED) {
    return write_blocked(api, context, dims, size, counts);
  }
  int64_t out[2] = {1, 3};
  int64_t *row;
  TRY(output(api, context, out, 2, (void **)&row));
  row[0] = (int64_t)size;
  row[1] = counts.zeros;
  row[2] = counts.nans;
  return NULL;
}

/* Counters of the blocked layout that this thread's session has made, and other such nodes. */
static __thread int made;
static __thread int foreign;

static int is_ours(Api api, const void *info) {
  const char prefix[] = "sparsescope/";
  char name[4096];
  size_t size = sizeof name;
  Status status = CALL(api, KERNEL_INFO_GET_NODE_NAME, const void *, char *, size_t *)(info, name, &size);
  if (status != NULL) {
    RELEASE(api, RELEASE_STATUS, status);
    return 0;
  }
  return strncmp(name, prefix, sizeof prefix - 1) == 0;
}

static Status read_channels(Kernel *kernel, const void *info) {
  Api api = kernel->api;
  size_t size = 0;
  TRY(CALL(api, KERNEL_INFO_GET_ATTRIBUTE_ARRAY_INT64, const void *, const char *, int64_t *,
           size_t *)(info, "channels", NULL, &size));
  kernel->channels = calloc(size + 1, sizeof(int64_t));
  if (kernel->channels == NULL) {
    return fail(api, "sparsescope/counts: out of memory");
  }
  kernel->tensors = size;
  return CALL(api, KERNEL_INFO_GET_ATTRIBUTE_ARRAY_INT64, const void *, const char *, int64_t *,
              size_t *)(info, "channels", kernel->channels, &size);
}

static int release_of(Api api);

static void destroy(void *self) {
  Kernel *kernel = self;
  if (kernel != NULL) {
    free(kernel->channels);
    free(kernel);
  }
}

static Status create(const Operator *operator, Api api, const void *info, void **into) {
  Kernel *kernel = calloc(1, sizeof(Kernel));
  *into = NULL;
  if (kernel == NULL) {
    return fail(api, "sparsescope/counts: out of memory");
  }
  kernel->api = api;
  kernel->operator = operator;
  kernel->counter = counter(operator->input);
  kernel->parallel = release_of(api) >= PARALLEL_SINCE;
  if (operator->kind == ROWS) {
    Status status = read_channels(kernel, info);
    if (status != NULL) {
      destroy(kernel);
      return status;
    }
  } else if (operator->kind == BLOCKED) {
    if (is_ours(api, info)) {
      made++;
    } else {
      foreign++;
    }
  }
  *into = kernel;
  return NULL;
}

/* ---- Operators ---- */

static const char *name(const Operator *operator) { return operator->title; }
static const char *cpu(const Operator *operator) { (void)operator; return "CPUExecutionProvider"; }
static size_t one(const Operator *operator) { (void)operator; return 1; }
static int one_int(const Operator *operator) { (void)operator; return 1; }
static int input_type(const Operator *operator, size_t i) { (void)i; return operator->input; }
static int output_type(const Operator *operator, size_t i) { (void)i; return operator->output; }
static int required(const Operator *operator, size_t i) { (void)operator; (void)i; return 0; }

#define OPERATOR(TITLE, INPUT, OUTPUT, KIND)                                                  \
  {OPERATOR_VERSION, NULL,     name,     cpu,      input_type, one,     output_type, one,     \
   NULL,             destroy,  required, required, required,   one_int, one_int,     one_int, \
   one_int,          create,   compute,  {NULL},   TITLE,      INPUT,   OUTPUT,      KIND}

static Operator operators[] = {
    OPERATOR("SparsescopeCountFloat", FLOAT, INT64, COUNT),
    OPERATOR("SparsescopeCountDouble", DOUBLE, INT64, COUNT),
    OPERATOR("SparsescopeCountFloat16", FLOAT16, INT64, COUNT),
    OPERATOR("SparsescopeCountBFloat16", BFLOAT16, INT64, COUNT),
    OPERATOR("SparsescopeRows", FLOAT, INT64, ROWS),
};

static Operator blocked = OPERATOR("GlobalMaxPool", FLOAT, FLOAT, BLOCKED);

/* ---- ONNX Runtimes of this process ---- */

typedef struct {
  Api api;
  int release;
  /* Without and with the counter of the blocked layout. */
  void *domains[2];
} Runtime;

/* Known to ONNX Runtime already: a new one would become known to all sessions of the process. */
#define DOMAIN "com.microsoft.nchwc"

/* One for each class loader with a copy of its own; sessions use the domains as long as they live. */
#define MOST_RUNTIMES 64
static Runtime runtimes[MOST_RUNTIMES];
static int known;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* N of version 1.N.x, 0 if it is another or cannot be told; asked of the library the table is in. */
static int ask_release(Api api) {
  struct Base {
    Api (*get)(uint32_t);
    const char *(*version)(void);
  };
  Dl_info library;
  int release = 0;
  if (dladdr(api[CLONE_SESSION_OPTIONS], &library) == 0) {
    return 0;
  }
  void *handle = dlopen(library.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == NULL) {
    return 0;
  }
  const struct Base *(*base)(void) = (const struct Base *(*)(void))dlsym(handle, "OrtGetApiBase");
  if (base != NULL) {
    const char *version = base()->version();
    if (strncmp(version, "1.", 2) == 0) {
      release = atoi(version + 2);
    }
    if (release < OPERATOR_VERSION || base()->get(OPERATOR_VERSION) != api) {
      release = 0;
    }
  }
  dlclose(handle);
  return release;
}

static int release_of(Api api) {
  int release = 0;
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < known; i++) {
    if (runtimes[i].api == api) {
      release = runtimes[i].release;
    }
  }
  pthread_mutex_unlock(&mutex);
  return release;
}

static int add_domains(Runtime *runtime) {
  Api api = runtime->api;
  Status status = NULL;
  for (int layout = 0; status == NULL && layout < 2; layout++) {
    void **domain = &runtime->domains[layout];
    status = CALL(api, CREATE_CUSTOM_OP_DOMAIN, const char *, void **)(DOMAIN, domain);
    for (size_t i = 0; status == NULL && i < sizeof operators / sizeof *operators; i++) {
      status = CALL(api, CUSTOM_OP_DOMAIN_ADD, void *, Operator *)(*domain, &operators[i]);
    }
    if (status == NULL && layout) {
      status = CALL(api, CUSTOM_OP_DOMAIN_ADD, void *, Operator *)(*domain, &blocked);
    }
  }
  if (status != NULL) {
    RELEASE(api, RELEASE_STATUS, status);
    return 0;
  }
  return 1;
}

/* NULL if it is one that we cannot use. */
static Runtime *runtime_of(Api api) {
  Runtime *found = NULL;
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < known && found == NULL; i++) {
    if (runtimes[i].api == api) {
      found = &runtimes[i];
    }
  }
  if (found == NULL && known < MOST_RUNTIMES) {
    Runtime *fresh = &runtimes[known];
    fresh->api = api;
    fresh->release = ask_release(api);
    if (fresh->release > 0 && !add_domains(fresh)) {
      fresh->release = 0;
    }
    known++;
    found = fresh;
  }
  pthread_mutex_unlock(&mutex);
  return found != NULL && found->release > 0 ? found : NULL;
}

/* Elsewhere than on the CPU an operator of ours would have every tensor brought back. */
static int runs_on_cpu_only(Api api) {
  char **providers;
  int size;
  Status status = CALL(api, GET_AVAILABLE_PROVIDERS, char ***, int *)(&providers, &size);
  if (status != NULL) {
    RELEASE(api, RELEASE_STATUS, status);
    return 0;
  }
  int only = 1;
  for (int i = 0; i < size; i++) {
    only &= strcmp(providers[i], "CPUExecutionProvider") == 0 ||
            strcmp(providers[i], "AzureExecutionProvider") == 0;
  }
  status = CALL(api, RELEASE_AVAILABLE_PROVIDERS, char **, int)(providers, size);
  if (status != NULL) {
    RELEASE(api, RELEASE_STATUS, status);
  }
  return only;
}

/* ---- Java ---- */

#define API(handle) ((Api)(intptr_t)(handle))
#define POINTER(handle) ((void *)(intptr_t)(handle))

JNIEXPORT jboolean JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_works(
    JNIEnv *env, jclass type, jlong api) {
  (void)env;
  (void)type;
  return runtime_of(API(api)) != NULL && runs_on_cpu_only(API(api)) ? JNI_TRUE : JNI_FALSE;
}

JNIEXPORT jlong JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_options(
    JNIEnv *env, jclass type, jlong api, jlong options, jboolean layout) {
  (void)env;
  (void)type;
  Runtime *runtime = runtime_of(API(api));
  void *clone = NULL;
  made = 0;
  foreign = 0;
  if (runtime == NULL) {
    return 0;
  }
  Status status = CALL(runtime->api, CLONE_SESSION_OPTIONS, void *, void **)(POINTER(options), &clone);
  if (status == NULL) {
    status = CALL(runtime->api, ADD_CUSTOM_OP_DOMAIN, void *, void *)(
        clone, runtime->domains[layout ? 1 : 0]);
  }
  if (status != NULL) {
    RELEASE(runtime->api, RELEASE_STATUS, status);
    if (clone != NULL) {
      RELEASE(runtime->api, RELEASE_SESSION_OPTIONS, clone);
    }
    return 0;
  }
  return (jlong)(intptr_t)clone;
}

JNIEXPORT jlong JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_quietOptions(
    JNIEnv *env, jclass type, jlong handle, jlong options) {
  (void)env;
  (void)type;
  Api api = API(handle);
  void *clone = NULL;
  Status status = CALL(api, CLONE_SESSION_OPTIONS, void *, void **)(POINTER(options), &clone);
  if (status == NULL) {
    status = CALL(api, SET_OPTIMIZED_MODEL_FILE_PATH, void *, const char *)(clone, "");
  }
  if (status == NULL) {
    status = CALL(api, DISABLE_PROFILING, void *)(clone);
  }
  if (status != NULL) {
    RELEASE(api, RELEASE_STATUS, status);
    if (clone != NULL) {
      RELEASE(api, RELEASE_SESSION_OPTIONS, clone);
    }
    return 0;
  }
  return (jlong)(intptr_t)clone;
}

JNIEXPORT void JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_closeOptions(
    JNIEnv *env, jclass type, jlong api, jlong options) {
  (void)env;
  (void)type;
  RELEASE(API(api), RELEASE_SESSION_OPTIONS, POINTER(options));
}

JNIEXPORT jint JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_counters(
    JNIEnv *env, jclass type) {
  (void)env;
  (void)type;
  return foreign > 0 ? -1 : made;
}

JNIEXPORT void JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_closeSession(
    JNIEnv *env, jclass type, jlong api, jlong session) {
  (void)env;
  (void)type;
  RELEASE(API(api), RELEASE_SESSION, POINTER(session));
}

/* ---- Sessions in another's place ---- */

static jlong created(JNIEnv *env, Api api, Status status, void *session) {
  if (status == NULL) {
    return (jlong)(intptr_t)session;
  }
  const char *message = ((const char *(*)(Status))api[GET_ERROR_MESSAGE])(status);
  jclass type = (*env)->FindClass(env, "java/lang/IllegalStateException");
  if (type != NULL) {
    (void)(*env)->ThrowNew(env, type, message);
  }
  RELEASE(api, RELEASE_STATUS, status);
  return 0;
}

JNIEXPORT jlong JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_sessionOfFile(
    JNIEnv *env, jclass type, jlong handle, jlong environment, jstring path, jlong options) {
  (void)type;
  Api api = API(handle);
  const char *name = (*env)->GetStringUTFChars(env, path, NULL);
  void *session = NULL;
  if (name == NULL) {
    return 0;
  }
  Status status = CALL(api, CREATE_SESSION, void *, const char *, void *, void **)(
      POINTER(environment), name, POINTER(options), &session);
  (*env)->ReleaseStringUTFChars(env, path, name);
  return created(env, api, status, session);
}

JNIEXPORT jlong JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_sessionOfBuffer(
    JNIEnv *env, jclass type, jlong handle, jlong environment, jobject buffer, jlong options) {
  (void)type;
  Api api = API(handle);
  void *session = NULL;
  Status status = CALL(api, CREATE_SESSION_FROM_ARRAY, void *, const void *, size_t, void *, void **)(
      POINTER(environment), (*env)->GetDirectBufferAddress(env, buffer),
      (size_t)(*env)->GetDirectBufferCapacity(env, buffer), POINTER(options), &session);
  return created(env, api, status, session);
}

/* The object's field is final, which holds for Java code only. */
static jfieldID handle_of(JNIEnv *env, jobject session) {
  return (*env)->GetFieldID(env, (*env)->GetObjectClass(env, session), "nativeHandle", "J");
}

JNIEXPORT jlong JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_handle(
    JNIEnv *env, jclass type, jobject session) {
  (void)type;
  jfieldID field = handle_of(env, session);
  return field == NULL ? 0 : (*env)->GetLongField(env, session, field);
}

JNIEXPORT void JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_exchange(
    JNIEnv *env, jclass type, jobject session, jlong handle) {
  (void)type;
  jfieldID field = handle_of(env, session);
  if (field != NULL) {
    (*env)->SetLongField(env, session, field, handle);
  }
}
