/* A library with the reference server's interface that makes the mistakes a library can make, one for each FAULT. */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void (*callback_t)(const uint8_t *data, size_t len);

static callback_t client;
static uint64_t next = 1;
static bool held[64];

/* FfiEvent.logs, empty. */
static const uint8_t event[] = { 0x92, 0x01, 0x00 };

static bool fault(const char *name)
{
    const char *given = getenv("FAULT");
    return given != NULL && strcmp(given, name) == 0;
}

void reference_ffi_initialize(callback_t callback, bool logs, const char *sdk, const char *version)
{
    (void)logs;
    (void)sdk;
    (void)version;
    client = callback;
}

/* Every request makes an audio source. */
uint64_t reference_ffi_request(const uint8_t *data, size_t len, const uint8_t **reply, size_t *size)
{
    static uint8_t response[] = { 0xd2, 0x01, 0x08, 0x0a, 0x06, 0x0a, 0x02, 0x08, 0, 0x12, 0x00 };
    (void)data;
    (void)len;
    response[8] = (uint8_t)next;
    held[next] = true;
    next++;
    if (fault("hidden")) {
        held[next++] = true;
    }
    held[next] = true;
    *reply = response;
    *size = sizeof response;
    return next++;
}

bool reference_ffi_drop_handle(uint64_t id)
{
    bool known = id < 64 && held[id];
    if (fault("abort") && id == 1) {
        abort();
    }
    if (known) {
        held[id] = false;
    }
    return known && !(fault("forgets") && id == 1);
}

static void *late(void *unused)
{
    struct timespec pause = { 0, 300000000 };
    nanosleep(&pause, NULL);
    client(event, sizeof event);
    return unused;
}

void reference_ffi_dispose(void)
{
    static pthread_t thread;
    if (fault("late")) {
        pthread_create(&thread, NULL, late, NULL);
    }
}
