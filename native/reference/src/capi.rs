//! The C interface: four functions and a callback.

use std::{
    ffi::{c_char, CStr},
    slice,
};

use crate::{faults, server};

/// Receives every event, as an encoded `FfiEvent`.
///
/// It runs on threads of the library, on several at once, and must not block. The bytes are gone when it returns.
pub type ReferenceFfiCallback = Option<extern "C" fn(data: *const u8, len: usize)>;

/// A bool in the lowest byte of a register.
#[repr(transparent)]
pub struct ReturnedBool(usize);

/// Sets the callback for events; the process has one. Calling it again replaces the callback.
///
/// With `capture_logs` the library's log comes as `LogBatch` events, else errors go to the standard error stream.
/// `sdk` and `sdk_version` name the caller, as zero-terminated UTF-8.
///
/// # Safety
/// `sdk` and `sdk_version` must be zero-terminated strings or null.
#[no_mangle]
pub unsafe extern "C" fn reference_ffi_initialize(
    callback: ReferenceFfiCallback,
    capture_logs: bool,
    sdk: *const c_char,
    sdk_version: *const c_char,
) {
    // SAFETY: the caller promises a zero-terminated string or null.
    let sdk = unsafe { text(sdk) };
    // SAFETY: as above.
    let sdk_version = unsafe { text(sdk_version) };
    server::get().initialize(callback, capture_logs, &sdk, &sdk_version);
}

/// Carries out an encoded `FfiRequest`.
///
/// On success the answer is a new handle, to be dropped once, that owns an encoded `FfiResponse`: its address and
/// length are stored in `res_ptr` and `res_len`. A request that is refused answers 0 and stores nothing.
///
/// # Safety
/// `data` must point to `len` bytes; `res_ptr` and `res_len` must be writable.
#[no_mangle]
pub unsafe extern "C" fn reference_ffi_request(
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
pub extern "C" fn reference_ffi_drop_handle(handle_id: u64) -> ReturnedBool {
    let known = usize::from(server::get().drop_handle(handle_id));
    ReturnedBool(if faults::process().dirty_bool() { known | (usize::MAX << 8) } else { known })
}

/// Closes all rooms, waits for the callbacks in flight, drops all handles and forgets the callback.
///
/// It must not be called on a thread of the library.
#[no_mangle]
pub extern "C" fn reference_ffi_dispose() {
    server::get().dispose();
}

/// # Safety
/// `pointer` must be a zero-terminated string or null.
unsafe fn text(pointer: *const c_char) -> String {
    if pointer.is_null() {
        return String::new();
    }
    // SAFETY: it is not null, and the caller promises that it ends in a zero.
    unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned()
}
