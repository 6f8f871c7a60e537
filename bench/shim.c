/* The reference server's four entry points, forwarded to the library itself, with every callback that is asked for
   timed: first through a handler that does nothing, then through the binding's own. Events can be kept and fired again. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void (*callback_t)(const uint8_t *, size_t);

static void (*real_initialize)(callback_t, bool, const char *, const char *);
static uint64_t (*real_request)(const uint8_t *, size_t, const uint8_t **, size_t *);
static bool (*real_drop_handle)(uint64_t);
static void (*real_dispose)(void);

static callback_t binding;
static callback_t bare;
static volatile int timed_field;
static int64_t *bare_ns;
static int64_t *binding_ns;
static volatile int32_t wanted;
static volatile int32_t taken;
static volatile int kept_field;
static uint8_t kept[4096];
static volatile size_t kept_size;

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The number of the envelope's one field. */
static int field_of(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    return data[0] < 0x80 ? data[0] >> 3 : (data[0] & 0x7f) >> 3 | data[1] << 4;
}

static void on_event(const uint8_t *data, size_t size)
{
    callback_t to = binding;
    int field = field_of(data, size);
    if (to == NULL)
        return;
    if (field == kept_field && size <= sizeof kept) {
        memcpy(kept, data, size);
        kept_size = size;
        kept_field = 0;
    }
    if (field != timed_field || taken >= wanted) {
        to(data, size);
        return;
    }
    int64_t start = now();
    bare(data, size);
    int64_t between = now();
    to(data, size);
    int64_t end = now();
    bare_ns[taken] = between - start;
    binding_ns[taken] = end - between;
    taken++;
}

bool bench_load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
    *(void **)&real_initialize = dlsym(library, "reference_ffi_initialize");
    *(void **)&real_request = dlsym(library, "reference_ffi_request");
    *(void **)&real_drop_handle = dlsym(library, "reference_ffi_drop_handle");
    *(void **)&real_dispose = dlsym(library, "reference_ffi_dispose");
    return real_initialize && real_request && real_drop_handle && real_dispose;
}

/* The times of the next `count` events with this field go into the arrays. */
void bench_time(int32_t field, int32_t count, callback_t nothing, int64_t *of_bare, int64_t *of_binding)
{
    bare = nothing;
    bare_ns = of_bare;
    binding_ns = of_binding;
    taken = 0;
    wanted = count;
    timed_field = field;
}

int32_t bench_taken(void)
{
    return taken;
}

/* The next event with this field is kept, to be fired again. */
void bench_keep(int32_t field)
{
    kept_size = 0;
    kept_field = field;
}

int32_t bench_kept(uint8_t *into)
{
    memcpy(into, kept, kept_size);
    return (int32_t)kept_size;
}

/* Fires the kept event again and again, each time until the counter moved; the time of each goes into the array. */
void bench_hand_over(callback_t to, int32_t count, volatile int32_t *counter, int64_t *ns)
{
    if (to == NULL)
        to = binding;
    for (int32_t i = 0; i < count; i++) {
        int32_t before = *counter;
        int64_t start = now();
        to(kept, kept_size);
        while (*counter == before)
            ;
        ns[i] = now() - start;
    }
}

/* Fires the kept event so many times. */
void bench_fire(callback_t to, int32_t count)
{
    if (to == NULL)
        to = binding;
    for (int32_t i = 0; i < count; i++)
        to(kept, kept_size);
}

void reference_ffi_initialize(callback_t callback, bool capture_logs, const char *sdk, const char *sdk_version)
{
    binding = callback;
    real_initialize(on_event, capture_logs, sdk, sdk_version);
}

uint64_t reference_ffi_request(const uint8_t *data, size_t size, const uint8_t **reply, size_t *reply_size)
{
    return real_request(data, size, reply, reply_size);
}

bool reference_ffi_drop_handle(uint64_t handle)
{
    return real_drop_handle(handle);
}

void reference_ffi_dispose(void)
{
    real_dispose();
}
