/*
 * A livekit_ffi between a binding and the real one: passes every call and every callback through, and writes each to a
 * file, so that a test knows what the library handed out and how it answered, whatever the binding believes.
 *
 * A record is a header of 24 bytes (kind, answer, 2 unused, length; id; thread) and `length` bytes.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <unistd.h>

typedef void (*callback_t)(const uint8_t *data, size_t len);

static void (*real_initialize)(callback_t, bool, const char *, const char *);
static uint64_t (*real_request)(const uint8_t *, size_t, const uint8_t **, size_t *);
static bool (*real_drop)(uint64_t);
static void (*real_dispose)(void);
static _Atomic(callback_t) client;
static int file = -1;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void record(char kind, bool answer, uint64_t id, const uint8_t *data, size_t len)
{
    struct {
        char kind;
        uint8_t answer;
        uint8_t unused[2];
        uint32_t length;
        uint64_t id;
        uint64_t thread;
    } header = { kind, answer, { 0, 0 }, (uint32_t)len, id, (uint64_t)syscall(SYS_gettid) };
    struct iovec parts[2] = { { &header, sizeof header }, { (void *)data, len } };
    pthread_mutex_lock(&gate);
    ssize_t written = writev(file, parts, 2);
    pthread_mutex_unlock(&gate);
    if (written != (ssize_t)(sizeof header + len)) {
        perror("the recorder cannot write");
        abort();
    }
}

static void *real(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    return found;
}

__attribute__((constructor)) static void open_real(void)
{
    const char *path = getenv("RECORDED_LIBRARY");
    const char *out = getenv("RECORD_FILE");
    void *library = path == NULL ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL || out == NULL) {
        fprintf(stderr, "RECORDED_LIBRARY or RECORD_FILE: %s\n", library == NULL ? dlerror() : "not set");
        abort();
    }
    file = open(out, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    *(void **)&real_initialize = real(library, "livekit_ffi_initialize");
    *(void **)&real_request = real(library, "livekit_ffi_request");
    *(void **)&real_drop = real(library, "livekit_ffi_drop_handle");
    *(void **)&real_dispose = real(library, "livekit_ffi_dispose");
}

static void on_event(const uint8_t *data, size_t len)
{
    callback_t callback = client;
    record('E', true, 0, data, len);
    callback(data, len);
}

void livekit_ffi_initialize(callback_t callback, bool capture_logs, const char *sdk, const char *sdk_version)
{
    client = callback;
    record('I', capture_logs, 0, (const uint8_t *)sdk, strlen(sdk));
    real_initialize(on_event, capture_logs, sdk, sdk_version);
}

uint64_t livekit_ffi_request(const uint8_t *data, size_t len, const uint8_t **res_ptr, size_t *res_len)
{
    record('Q', true, 0, data, len);
    uint64_t id = real_request(data, len, res_ptr, res_len);
    record('R', id != 0, id, id == 0 ? NULL : *res_ptr, id == 0 ? 0 : *res_len);
    return id;
}

bool livekit_ffi_drop_handle(uint64_t id)
{
    bool answer = real_drop(id);
    record('D', answer, id, NULL, 0);
    return answer;
}

void livekit_ffi_dispose(void)
{
    record('X', true, 0, NULL, 0);
    real_dispose();
}
