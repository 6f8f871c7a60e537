/*
 * An hour of a session in a second or two. Built as a library with the reference server's interface, which delivers frames
 * when it is asked for some and else makes an audio source; and, with CLIENT, as the client that releases them.
 *
 * The messages come from the environment: FRAME, SOURCE and EMITTED in hex, where an id is five bytes at FRAME_AT and SOURCE_AT.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 0x10000000u

typedef void (*callback_t)(const uint8_t *data, size_t size);

static size_t hex(const char *name, uint8_t *bytes)
{
    const char *text = getenv(name);
    size_t count = strlen(text) / 2, index;
    for (index = 0; index < count; index++) {
        sscanf(text + 2 * index, "%2hhx", &bytes[index]);
    }
    return count;
}

static size_t place(const char *name) { return (size_t)atoi(getenv(name)); }

#if defined(CLIENT)
static bool (*release)(uint64_t);
static size_t frame_at;
static unsigned frames;

static void on_event(const uint8_t *data, size_t size)
{
    uint64_t id = 0;
    unsigned step;
    (void)size;
    for (step = 0; step < 5; step++) {
        id |= (uint64_t)(data[frame_at + step] & 127) << (7 * step);
    }
    frames += release(id);
}

static uint64_t ask(uint64_t (*request)(const uint8_t *, size_t, const uint8_t **, size_t *), const uint8_t *bytes, size_t count, size_t at)
{
    const uint8_t *reply;
    size_t size;
    uint64_t buffer = request(bytes, count, &reply, &size), id = 0;
    unsigned step;
    for (step = 0; at > 0 && step < 5; step++) {
        id |= (uint64_t)(reply[at + step] & 127) << (7 * step);
    }
    release(buffer);
    return id;
}

int main(int count, char **words)
{
    void *library = count == 3 ? dlopen(words[1], RTLD_NOW) : NULL;
    uint64_t (*request)(const uint8_t *, size_t, const uint8_t **, size_t *);
    void (*initialize)(callback_t, bool, const char *, const char *);
    uint8_t make[64], emit[64];
    size_t made = hex("MAKE", make), emitted = hex("EMIT", emit), at = place("SOURCE_AT");
    unsigned second, seconds = count == 3 ? (unsigned)atoi(words[2]) : 0;
    frame_at = place("FRAME_AT");
    *(void **)&request = dlsym(library, "reference_ffi_request");
    *(void **)&initialize = dlsym(library, "reference_ffi_initialize");
    *(void **)&release = dlsym(library, "reference_ffi_drop_handle");
    initialize(on_event, false, "hour", "1");
    for (second = 0; second < seconds; second++) {
        uint64_t source = ask(request, make, made, at);
        ask(request, emit, emitted, 0);
        if (second % 60 != 0) {
            release(source);
        } else {
            printf("%llu\n", (unsigned long long)source);
        }
    }
    fprintf(stderr, "%u\n", frames);
    return 0;
}
#else
enum { FRAMES_A_SECOND = 130 };
static callback_t client;
static uint64_t next = FIRST;

static void put(uint8_t *at, uint64_t id)
{
    unsigned step;
    for (step = 0; step < 5; step++) {
        at[step] = (uint8_t)(id >> (7 * step) & 127) | (step < 4 ? 128 : 0);
    }
}

void reference_ffi_initialize(callback_t callback, bool logs, const char *sdk, const char *version)
{
    (void)logs;
    (void)sdk;
    (void)version;
    client = callback;
}

uint64_t reference_ffi_request(const uint8_t *data, size_t size, const uint8_t **reply, size_t *length)
{
    static uint8_t frame[256], source[256], emitted[64], emit[64];
    static size_t frame_size, source_size, emitted_size, emit_size;
    unsigned count;
    if (frame_size == 0) {
        frame_size = hex("FRAME", frame);
        source_size = hex("SOURCE", source);
        emitted_size = hex("EMITTED", emitted);
        emit_size = hex("EMIT", emit);
    }
    if (size == emit_size && memcmp(data, emit, size) == 0) {
        for (count = 0; count < FRAMES_A_SECOND; count++) {
            put(frame + place("FRAME_AT"), next++);
            client(frame, frame_size);
        }
        *reply = emitted;
        *length = emitted_size;
    } else {
        put(source + place("SOURCE_AT"), next++);
        *reply = source;
        *length = source_size;
    }
    return next++;
}

bool reference_ffi_drop_handle(uint64_t id) { return id != 0; }
void reference_ffi_dispose(void) { }
#endif
