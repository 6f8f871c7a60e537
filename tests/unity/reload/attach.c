// Stands between a program on Mono and the library. A thread of the library that calls back for the first time is
// attached to the root domain before: so does the Mono of Unity's editor (Unity-Technologies/mono, pull request 1388). The
// Mono of the distribution attaches it to the domain that is called, and then waits for it when the domain is unloaded.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*callback)(const uint8_t *data, size_t length);
typedef void (*initialize)(callback called, bool logs, const char *sdk, const char *version);

static callback managed;

static void attached(const uint8_t *data, size_t length) {
    static __thread bool is_attached;
    if (!is_attached) {
        void *(*root)(void) = (void *(*)(void))dlsym(RTLD_DEFAULT, "mono_get_root_domain");
        void (*attach)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "mono_thread_attach");
        attach(root());
        is_attached = true;
    }
    managed(data, length);
}

void reference_ffi_initialize(callback called, bool logs, const char *sdk, const char *version) {
    managed = called;
    ((initialize)dlsym(RTLD_NEXT, "reference_ffi_initialize"))(attached, logs, sdk, version);
}
