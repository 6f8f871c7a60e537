/*
 * C interface of the webrtc FFI library.
 *
 * Written by cbindgen from native/webrtc/src/capi.rs; a test keeps the two equal.
 */

#ifndef WEBRTC_FFI_H
#define WEBRTC_FFI_H

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
typedef void (*WebrtcFfiCallback)(const uint8_t *data, size_t len);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Sets the callback for events; the process has one. Calling it again replaces the callback.
 */
void webrtc_ffi_initialize(WebrtcFfiCallback callback);

/**
 * Carries out an encoded `FfiRequest`.
 *
 * On success the answer is a new handle, to be dropped once, that owns an encoded `FfiResponse`: its address and
 * length are stored in `res_ptr` and `res_len`. A request that is refused answers 0 and stores nothing.
 *
 * # Safety
 * `data` must point to `len` bytes; `res_ptr` and `res_len` must be writable.
 */
uint64_t webrtc_ffi_request(const uint8_t *data,
                            size_t len,
                            const uint8_t **res_ptr,
                            size_t *res_len);

/**
 * Drops a handle, and answers whether it was known.
 */
bool webrtc_ffi_drop_handle(uint64_t handle_id);

/**
 * Closes all peer connections, waits for the operations and callbacks in flight, drops all handles and forgets
 * the callback.
 *
 * It must not be called on a thread of the library.
 */
void webrtc_ffi_dispose(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* WEBRTC_FFI_H */
