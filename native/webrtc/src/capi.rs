//! The C interface: four functions and a callback.

use std::slice;

use crate::server;

/// Receives every event, as an encoded `FfiEvent`.
///
/// It runs on threads of the library, on several at once, and must not block. The bytes are gone when it returns.
pub type WebrtcFfiCallback = Option<extern "C" fn(data: *const u8, len: usize)>;

/// Sets the callback for events; the process has one. Calling it again replaces the callback.
#[no_mangle]
pub extern "C" fn webrtc_ffi_initialize(callback: WebrtcFfiCallback) {
    server::get().initialize(callback);
}

/// Carries out an encoded `FfiRequest`.
///
/// On success the answer is a new handle, to be dropped once, that owns an encoded `FfiResponse`: its address and
/// length are stored in `res_ptr` and `res_len`. A request that is refused answers 0 and stores nothing.
///
/// # Safety
/// `data` must point to `len` bytes; `res_ptr` and `res_len` must be writable.
#[no_mangle]
pub unsafe extern "C" fn webrtc_ffi_request(
    data: *const u8,
    len: usize,
    res_ptr: *mut *const u8,
    res_len: *mut usize,
) -> u64 {
    let request = if data.is_null() {
        &[][..]
    } else {
        // SAFETY: the caller promises len bytes at data.
        unsafe { slice::from_raw_parts(data, len) }
    };
    match server::get().request(request) {
        Some(response) => {
            // SAFETY: the caller promises that res_ptr can be written.
            unsafe { *res_ptr = response.data };
            // SAFETY: the caller promises that res_len can be written.
            unsafe { *res_len = response.len };
            response.handle
        }
        None => 0,
    }
}

/// Drops a handle, and answers whether it was known.
#[no_mangle]
pub extern "C" fn webrtc_ffi_drop_handle(handle_id: u64) -> bool {
    server::get().handles.drop_handle(handle_id)
}

/// Closes all peer connections, waits for the operations and callbacks in flight, drops all handles and forgets
/// the callback.
///
/// It must not be called on a thread of the library.
#[no_mangle]
pub extern "C" fn webrtc_ffi_dispose() {
    server::get().dispose();
}
