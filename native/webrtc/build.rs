//! Compiles the protocol to Rust, without a protoc binary, and notes the version of the webrtc crate.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let protocol = package.join("../protocol");
    println!("cargo:rerun-if-changed={}", protocol.display());
    println!("cargo:rerun-if-changed=Cargo.toml");
    let mut files: Vec<PathBuf> =
        fs::read_dir(&protocol)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "proto"));
    files.sort();

    let descriptors = protox::compile(&files, [&protocol])?;
    prost_build::Config::new().disable_comments(["."]).compile_fds(descriptors)?;

    let manifest = fs::read_to_string(package.join("Cargo.toml"))?;
    let version = manifest
        .lines()
        .find_map(|line| line.strip_prefix("webrtc = \"=")?.strip_suffix('"'))
        .ok_or("Cargo.toml names no exact version of webrtc")?;
    println!("cargo:rustc-env=WEBRTC_VERSION={version}");
    Ok(())
}
