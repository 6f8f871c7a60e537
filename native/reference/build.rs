//! Compiles the protocol to Rust, without a protoc binary.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let protocol = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../protocol");
    println!("cargo:rerun-if-changed={}", protocol.display());
    let mut files: Vec<PathBuf> =
        fs::read_dir(&protocol)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "proto"));
    files.sort();

    let descriptors = protox::compile(&files, [&protocol])?;
    prost_build::Config::new().disable_comments(["."]).compile_fds(descriptors)?;
    Ok(())
}
