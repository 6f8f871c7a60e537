//! The checked-in header is what cbindgen writes from the source.

#[cfg(test)]
mod tests {
    use std::{env, fs, path::Path};

    #[test]
    fn header_equals_what_cbindgen_writes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is valid");
        let mut written = Vec::new();
        cbindgen::Builder::new()
            .with_src(root.join("src/capi.rs"))
            .with_config(config)
            .generate()
            .expect("cbindgen reads the interface")
            .write(&mut written);

        let path = root.join("include/webrtc_ffi.h");
        if env::var_os("UPDATE_HEADER").is_some() {
            fs::write(&path, &written).expect("the header is writable");
        }
        let header = fs::read_to_string(&path).expect("the header is there");
        assert!(
            header.as_bytes() == written,
            "{} is stale: run UPDATE_HEADER=1 cargo test --release -p webrtc-ffi-header",
            path.display()
        );
    }
}
