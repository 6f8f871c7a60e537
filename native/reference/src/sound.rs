//! Samples: reading them from a client's memory, and converting them.

use std::ptr;

use crate::proto::AudioFrameBufferInfo;

/// Interleaved samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    pub samples: Vec<i16>,
    pub num_channels: u32,
    pub sample_rate: u32,
}

impl Sound {
    /// Copies samples that a client describes; None when the description is impossible.
    ///
    /// # Safety
    /// The memory that the description names must be readable.
    pub unsafe fn read(info: &AudioFrameBufferInfo) -> Option<Self> {
        let len = usize::try_from(u64::from(info.num_channels) * u64::from(info.samples_per_channel)).ok()?;
        if info.num_channels == 0 || info.sample_rate == 0 || (len > 0 && info.data_ptr == 0) {
            return None;
        }
        let mut samples = vec![0_i16; len];
        if len > 0 {
            // Byte by byte: nothing says that the client's memory is aligned.
            // SAFETY: the caller promises readable memory, and the samples have room for len of them.
            unsafe {
                ptr::copy_nonoverlapping(
                    info.data_ptr as *const u8,
                    samples.as_mut_ptr().cast::<u8>(),
                    len * size_of::<i16>(),
                );
            }
        }
        Some(Self { samples, num_channels: info.num_channels, sample_rate: info.sample_rate })
    }

    /// Samples in each channel.
    pub fn samples_per_channel(&self) -> usize {
        self.samples.len() / self.num_channels as usize
    }

    /// Converts to another number of channels and another rate, as RemixAndResampleRequest says.
    pub fn convert(&self, num_channels: u32, sample_rate: u32) -> Self {
        let (channels_in, channels_out) = (self.num_channels as usize, num_channels as usize);
        let count = (self.samples_per_channel() as u64 * u64::from(sample_rate) / u64::from(self.sample_rate))
            as usize;
        let mut samples = Vec::with_capacity(count * channels_out);
        for i in 0..count {
            let from = (i as u64 * u64::from(self.sample_rate) / u64::from(sample_rate)) as usize;
            let frame = &self.samples[from * channels_in..][..channels_in];
            if channels_out == 1 {
                let sum: i64 = frame.iter().map(|sample| i64::from(*sample)).sum();
                samples.push((sum / channels_in as i64) as i16);
            } else {
                samples.extend((0..channels_out).map(|channel| frame[channel.min(channels_in - 1)]));
            }
        }
        Self { samples, num_channels, sample_rate }
    }

    /// Moves the samples where a client can read them, and describes them.
    pub fn share(self) -> (Box<[i16]>, AudioFrameBufferInfo) {
        let samples_per_channel = self.samples_per_channel() as u32;
        let samples = self.samples.into_boxed_slice();
        let info = AudioFrameBufferInfo {
            data_ptr: samples.as_ptr() as u64,
            num_channels: self.num_channels,
            sample_rate: self.sample_rate,
            samples_per_channel,
        };
        (samples, info)
    }
}
