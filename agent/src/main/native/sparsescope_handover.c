/*
 * How a rewritten model is handed to ONNX Runtime without being copied: through a pipe into which
 * the system puts pages of the original file, or as a mapping of the file with something behind it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdint.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The number inside a java.io.FileDescriptor; NULL with an exception pending if there is none. */
static jfieldID number_field(JNIEnv *env, jobject descriptor) {
  return (*env)->GetFieldID(env, (*env)->GetObjectClass(env, descriptor), "fd", "I");
}

/* ---- Pipes ---- */

JNIEXPORT jint JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_pipe(
    JNIEnv *env, jclass type, jobject writing, jint size) {
  (void)type;
  jfieldID number = number_field(env, writing);
  int ends[2];
  if (number == NULL || pipe2(ends, O_CLOEXEC) != 0) {
    return -1;
  }
  (void)fcntl(ends[1], F_SETPIPE_SZ, (int)size); /* A smaller one does, too. */
  /* A writer that slept in here would be woken by, and change places with, its reader at each read. */
  if (fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) {
    (void)close(ends[0]);
    (void)close(ends[1]);
    return -1;
  }
  (*env)->SetIntField(env, writing, number, ends[1]);
  return ends[0];
}

JNIEXPORT void JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_closePipe(
    JNIEnv *env, jclass type, jint reading) {
  (void)env;
  (void)type;
  (void)close(reading);
}

/* ---- Mappings ---- */

/* Since Linux 5.14; reports as an error what would end the process if it were met by reading. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/*
 * Whether a lease on a file of this file system keeps everybody from changing it; elsewhere another
 * machine might.
 */
static int is_local(int fd) {
  static const long known[] = {
      0xEF53,     /* ext2, ext3, ext4 */
      0x58465342, /* XFS */
      0x9123683E, /* Btrfs */
      0xF2F52010, /* F2FS */
      0x01021994, /* tmpfs */
      0x794C7630, /* overlayfs */
  };
  struct statfs system;
  if (fstatfs(fd, &system) != 0) {
    return 0;
  }
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    if ((uint32_t)system.f_type == (uint32_t)known[i]) {
      return 1;
    }
  }
  return 0;
}

/* From here on, until the descriptor is closed, whoever would write the file or cut it waits. */
static int lease(int fd) {
  /* Nobody need be told that somebody waits: it is for a moment. Until that is said, by a signal
     that is ignored unless somebody asks for it. */
  if (fcntl(fd, F_SETSIG, SIGURG) != 0 || fcntl(fd, F_SETLEASE, F_RDLCK) != 0) {
    return 0;
  }
  return fcntl(fd, F_SETOWN, 0) == 0;
}

static int read_all(int fd, char *into, size_t count, off_t from) {
  while (count > 0) {
    ssize_t n = pread(fd, into, count, from);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return 0;
    }
    into += n;
    from += n;
    count -= (size_t)n;
  }
  return 1;
}

JNIEXPORT jint JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_lease(
    JNIEnv *env, jclass type, jobject descriptor) {
  (void)type;
  jfieldID number = number_field(env, descriptor);
  if (number == NULL) {
    return -1;
  }
  int fd = (*env)->GetIntField(env, descriptor, number);
  return is_local(fd) && lease(fd) ? fd : -1;
}

JNIEXPORT jobject JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_map(
    JNIEnv *env, jclass type, jint fd, jlong size, jbyteArray behind) {
  (void)type;
  struct stat file;
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t whole = (size_t)size & ~(page - 1);
  jsize more = (*env)->GetArrayLength(env, behind);
  size_t all = (size_t)size + (size_t)more;
  if (fstat(fd, &file) != 0 || file.st_size != size || whole == 0) {
    return NULL;
  }
  char *at = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) {
    return NULL;
  }
  if (mmap(at, whole, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) != at ||
      madvise(at, whole, MADV_POPULATE_READ) != 0 ||
      !read_all(fd, at + whole, (size_t)size - whole, (off_t)whole)) {
    (void)munmap(at, all);
    return NULL;
  }
  (*env)->GetByteArrayRegion(env, behind, 0, more, (jbyte *)at + size);
  jobject buffer =
      (*env)->ExceptionCheck(env) ? NULL : (*env)->NewDirectByteBuffer(env, at, (jlong)all);
  if (buffer == NULL) {
    (void)munmap(at, all);
  }
  return buffer;
}

JNIEXPORT void JNICALL Java_io_sparsescope_agent_nativecount_NativeLibrary_unmap(
    JNIEnv *env, jclass type, jobject buffer) {
  (void)type;
  void *at = (*env)->GetDirectBufferAddress(env, buffer);
  if (at != NULL) {
    (void)munmap(at, (size_t)(*env)->GetDirectBufferCapacity(env, buffer));
  }
}
