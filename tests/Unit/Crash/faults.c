// Stands between a process and the C library: counts what the process does to the files of one folder, and at the n-th such call stops for
// good, so that the parent can kill it there, or fails. Built and loaded (LD_PRELOAD) by Faults.cs; the product knows nothing of it.
//   H2K_DIR   the folder        H2K_AT  the number of the call; 0: none
//   H2K_KIND  tell  write a line to the output at each call and go on      stop  write a line and wait to be killed
//             torn  as stop, but half of what is written is             eio, enospc  fail with that
//             outside  write a line and the path at each call that would change something outside the folder, and go on
//             short  write or read only a part                            readeio, readshort, readshrink  the same for reads
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int count, reads;

static const char *env(const char *name) { const char *value = getenv(name); return value ? value : ""; }
static int is(const char *kind) { return strcmp(env("H2K_KIND"), kind) == 0; }
static int ours(const char *path) { const char *dir = env("H2K_DIR"); return *dir && strncmp(path, dir, strlen(dir)) == 0; }

// What the runtime needs for itself.
static int watched(const char *path) {
    return is("outside") && path && !ours(path) && strncmp(path, "/proc/", 6) && strncmp(path, "/dev/", 5) && strncmp(path, "/sys/", 5)
        && strncmp(path, "/memfd:", 7);
}
static void stray(const char *call, const char *path) {
    if (!watched(path)) return;
    char line[4200];
    int n = snprintf(line, sizeof line, "@0 %s %s\n", call, path);
    syscall(SYS_write, 1, line, n);
}

static int ours_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return ours(path);
}

static void say(const char *call) {
    char line[64];
    int n = snprintf(line, sizeof line, "@%d %s\n", count, call);
    syscall(SYS_write, 1, line, n);
}

// 0: go on; 1: only a part; -1: fail, errno is set.
static int gate(const char *call, int (*part)(void *), void *arguments) {
    int at = atoi(env("H2K_AT"));
    count++;
    if (is("tell")) { say(call); return 0; }
    if (count != at) return 0;
    if (is("stop") || is("torn")) {
        if (is("torn") && part) part(arguments);
        say(call);
        for (;;) pause();
    }
    if (is("eio")) { say(call); errno = EIO; return -1; }
    if (is("enospc")) { say(call); errno = ENOSPC; return -1; }
    if (is("short")) { say(call); return 1; }
    return 0;
}

struct io { int fd; const void *data; size_t n; off64_t at; };
static int half(void *p) { struct io *io = p; return syscall(SYS_pwrite64, io->fd, io->data, io->n / 2, io->at) >= 0; }

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    struct io io = { fd, data, n, at };
    if (ours_fd(fd)) switch (gate("pwrite", half, &io)) { case -1: return -1; case 1: if (n > 1) n /= 2; }
    return syscall(SYS_pwrite64, fd, data, n, at);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }
ssize_t pwritev64(int fd, const struct iovec *v, int n, off64_t at) {
    if (ours_fd(fd) && gate("pwritev", 0, 0) < 0) return -1;
    return syscall(SYS_pwritev, fd, v, n, (long)at, 0);
}
ssize_t pwritev(int fd, const struct iovec *v, int n, off_t at) { return pwritev64(fd, v, n, at); }
ssize_t write(int fd, const void *data, size_t n) {
    if (ours_fd(fd)) switch (gate("write", 0, 0)) { case -1: return -1; case 1: if (n > 1) n /= 2; }
    return syscall(SYS_write, fd, data, n);
}

static int read_gate(int fd, size_t *n) {
    if (strncmp(env("H2K_KIND"), "read", 4) != 0 || !ours_fd(fd)) return 0;
    reads++;
    if (is("readshort")) { if (*n > 1) *n = *n / 2 + 1; return 0; }
    if (reads != atoi(env("H2K_AT"))) return 0;
    count = reads;
    say("read");
    if (is("readeio")) { errno = EIO; return -1; }
    return 1;
}
ssize_t pread64(int fd, void *data, size_t n, off64_t at) {
    switch (read_gate(fd, &n)) { case -1: return -1; case 1: return 0; }
    return syscall(SYS_pread64, fd, data, n, at);
}
ssize_t pread(int fd, void *data, size_t n, off_t at) { return pread64(fd, data, n, at); }

int fsync(int fd) { return ours_fd(fd) && gate("fsync", 0, 0) < 0 ? -1 : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return ours_fd(fd) && gate("fdatasync", 0, 0) < 0 ? -1 : syscall(SYS_fdatasync, fd); }
int ftruncate64(int fd, off64_t n) { return ours_fd(fd) && gate("ftruncate", 0, 0) < 0 ? -1 : syscall(SYS_ftruncate, fd, n); }
int ftruncate(int fd, off_t n) { return ftruncate64(fd, n); }
int rename(const char *from, const char *to) { stray("rename", to); return ours(to) && gate("rename", 0, 0) < 0 ? -1 : syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }
int mkdir(const char *path, mode_t mode) { stray("mkdir", path); return syscall(SYS_mkdirat, AT_FDCWD, path, mode); }
int symlink(const char *to, const char *path) { stray("symlink", path); return syscall(SYS_symlinkat, to, AT_FDCWD, path); }
int unlink(const char *path) { stray("unlink", path); return ours(path) && gate("unlink", 0, 0) < 0 ? -1 : syscall(SYS_unlinkat, AT_FDCWD, path, 0); }
int link(const char *from, const char *to) { stray("link", to); return ours(to) && gate("link", 0, 0) < 0 ? -1 : syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0); }
int futimens(int fd, const struct timespec t[2]) { return ours_fd(fd) && gate("futimens", 0, 0) < 0 ? -1 : syscall(SYS_utimensat, fd, (char *)0, t, 0); }
int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    if (flags & (O_CREAT | O_WRONLY | O_RDWR | O_TRUNC)) stray("open", path);
    if ((flags & O_CREAT) && ours(path) && gate("create", 0, 0) < 0) return -1;
    return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}
