//! Pictures: reading them from a client's memory, and converting their layout.

use std::slice;

use crate::proto::{video_buffer_info::ComponentInfo, VideoBufferInfo, VideoBufferType};

/// A picture without gaps between its lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    pub layout: VideoBufferType,
    pub width: u32,
    pub height: u32,
    pub bytes: Vec<u8>,
}

/// Bytes of a pixel, for packed layouts.
fn pixel_size(layout: VideoBufferType) -> Option<usize> {
    match layout {
        VideoBufferType::Rgba | VideoBufferType::Abgr | VideoBufferType::Argb | VideoBufferType::Bgra => {
            Some(4)
        }
        VideoBufferType::Rgb24 => Some(3),
        VideoBufferType::I420 => None,
    }
}

/// Where a packed pixel has its red, green, blue and alpha.
fn channels(layout: VideoBufferType) -> [Option<usize>; 4] {
    match layout {
        VideoBufferType::Rgba => [Some(0), Some(1), Some(2), Some(3)],
        VideoBufferType::Abgr => [Some(3), Some(2), Some(1), Some(0)],
        VideoBufferType::Argb => [Some(1), Some(2), Some(3), Some(0)],
        VideoBufferType::Bgra => [Some(2), Some(1), Some(0), Some(3)],
        VideoBufferType::Rgb24 => [Some(0), Some(1), Some(2), None],
        VideoBufferType::I420 => [None; 4],
    }
}

/// Bytes of a line and number of lines, for each plane.
fn planes(layout: VideoBufferType, width: u32, height: u32) -> Vec<(usize, usize)> {
    let (width, height) = (width as usize, height as usize);
    match pixel_size(layout) {
        Some(size) => vec![(width * size, height)],
        None => {
            let half = (width.div_ceil(2), height.div_ceil(2));
            vec![(width, height), half, half]
        }
    }
}

impl Picture {
    /// Copies a picture that a client describes; None when the description is impossible.
    ///
    /// # Safety
    /// The memory that the description names must be readable.
    pub unsafe fn read(info: &VideoBufferInfo) -> Option<Self> {
        let layout = info.r#type();
        let packed = pixel_size(layout).map(|size| ComponentInfo {
            data_ptr: info.data_ptr,
            stride: info.stride.unwrap_or(info.width * size as u32),
            size: info.stride.unwrap_or(info.width * size as u32) * info.height,
        });
        let components = packed.map_or_else(|| info.components.clone(), |component| vec![component]);
        let planes = planes(layout, info.width, info.height);
        if info.width == 0 || info.height == 0 || components.len() != planes.len() {
            return None;
        }
        let mut bytes = Vec::new();
        for (component, (line, lines)) in components.iter().zip(planes) {
            let stride = component.stride as usize;
            if component.data_ptr == 0
                || stride < line
                || (component.size as usize) < stride * (lines - 1) + line
            {
                return None;
            }
            for y in 0..lines {
                let start = component.data_ptr as usize + y * stride;
                // SAFETY: the caller promises readable memory, and each line is inside the component's size.
                bytes.extend_from_slice(unsafe { slice::from_raw_parts(start as *const u8, line) });
            }
        }
        Some(Self { layout, width: info.width, height: info.height, bytes })
    }

    /// Converts to another layout; None when that is not supported.
    pub fn convert(&self, layout: VideoBufferType) -> Option<Self> {
        if layout == self.layout {
            return Some(self.clone());
        }
        let (size_in, size_out) = (pixel_size(self.layout)?, pixel_size(layout)?);
        let (from, to) = (channels(self.layout), channels(layout));
        let mut bytes = vec![0; self.bytes.len() / size_in * size_out];
        for (pixel_in, pixel_out) in self.bytes.chunks_exact(size_in).zip(bytes.chunks_exact_mut(size_out)) {
            for (from, to) in from.iter().zip(to) {
                if let Some(to) = to {
                    pixel_out[to] = from.map_or(u8::MAX, |from| pixel_in[from]);
                }
            }
        }
        Some(Self { layout, bytes, ..*self })
    }

    /// Turns the picture upside down.
    pub fn flip(&mut self) {
        let mut start = 0;
        for (line, lines) in planes(self.layout, self.width, self.height) {
            let plane = &mut self.bytes[start..start + line * lines];
            let flipped: Vec<u8> = plane.chunks_exact(line).rev().flatten().copied().collect();
            plane.copy_from_slice(&flipped);
            start += line * lines;
        }
    }

    /// Moves the bytes where a client can read them, and describes them.
    pub fn share(self) -> (Box<[u8]>, VideoBufferInfo) {
        let planes = planes(self.layout, self.width, self.height);
        let bytes = self.bytes.into_boxed_slice();
        let data_ptr = bytes.as_ptr() as u64;
        let packed = pixel_size(self.layout).is_some();
        let mut next = data_ptr;
        let components = planes
            .iter()
            .map(|(line, lines)| {
                let component =
                    ComponentInfo { data_ptr: next, stride: *line as u32, size: (line * lines) as u32 };
                next += u64::from(component.size);
                component
            })
            .collect();
        let info = VideoBufferInfo {
            r#type: self.layout.into(),
            width: self.width,
            height: self.height,
            data_ptr,
            stride: packed.then(|| planes[0].0 as u32),
            components: if packed { Vec::new() } else { components },
        };
        (bytes, info)
    }
}
