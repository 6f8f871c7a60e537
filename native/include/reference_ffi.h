/*
 * C interface of the reference FFI library.
 *
 * Written by cbindgen from native/reference/src/capi.rs; a test keeps the two equal.
 */

#ifndef REFERENCE_FFI_H
#define REFERENCE_FFI_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/**
 * Receives every event, as an encoded `FfiEvent`.
 *
 * It runs on threads of the library, on several at once, and must not block. The bytes are gone when it returns.
 */
typedef void (*ReferenceFfiCallback)(const uint8_t *data, size_t len);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Sets the callback for events; the process has one. Calling it again replaces the callback.
 *
 * With `capture_logs` the library's log comes as `LogBatch` events, else errors go to the standard error stream.
 * `sdk` and `sdk_version` name the caller, as zero-terminated UTF-8.
 *
 * # Safety
 * `sdk` and `sdk_version` must be zero-terminated strings or null.
 */
void reference_ffi_initialize(ReferenceFfiCallback callback,
                              bool capture_logs,
                              const char *sdk,
                              const char *sdk_version);

/**
 * Carries out an encoded `FfiRequest`.
 *
 * On success the answer is a new handle, to be dropped once, that owns an encoded `FfiResponse`: its address and
 * length are stored in `res_ptr` and `res_len`. A request that is refused answers 0 and stores nothing.
 *
 * # Safety
 * `data` must point to `len` bytes; `res_ptr` and `res_len` must be writable.
 */
uint64_t reference_ffi_request(const uint8_t *data,
                               size_t len,
                               const uint8_t **res_ptr,
                               size_t *res_len);

/**
 * Drops a handle, and answers whether it was known.
 */
bool reference_ffi_drop_handle(uint64_t handle_id);

/**
 * Closes all rooms, waits for the callbacks in flight, drops all handles and forgets the callback.
 *
 * It must not be called on a thread of the library.
 */
void reference_ffi_dispose(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* REFERENCE_FFI_H */
