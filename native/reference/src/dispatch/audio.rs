//! The requests of `audio.proto`.

use std::sync::Arc;

use super::{refuse_unless, Answer, Call, Refusal};
use crate::{
    callbacks, faults,
    handles::Object,
    media::{self, Feed, Format, Frame, Source},
    proto::{ffi_event, ffi_response::Message as Response, *},
    sound::Sound,
};

impl Call {
    fn own_audio_stream(
        self,
        feed: Feed,
        r#type: AudioStreamType,
        num_channels: Option<u32>,
        sample_rate: Option<u32>,
    ) -> Result<OwnedAudioStream, Refusal> {
        refuse_unless(r#type == AudioStreamType::AudioStreamNative, "the type of stream is not supported")?;
        refuse_unless(num_channels != Some(0) && sample_rate != Some(0), "a format of 0 is not possible")?;
        let id = media::start_stream(self.server, feed, Format::Audio { num_channels, sample_rate });
        Ok(OwnedAudioStream {
            handle: FfiOwnedHandle { id },
            info: AudioStreamInfo { r#type: r#type.into() },
        })
    }

    pub(super) fn new_audio_stream(self, request: &NewAudioStreamRequest) -> Answer {
        let feed = Feed::Track(self.track_of_kind(request.track_handle, TrackKind::KindAudio)?);
        let stream =
            self.own_audio_stream(feed, request.r#type(), request.num_channels, request.sample_rate)?;
        Ok(Response::NewAudioStream(NewAudioStreamResponse { stream }))
    }

    pub(super) fn audio_stream_from_participant(self, request: &AudioStreamFromParticipantRequest) -> Answer {
        let participant = self.participant(request.participant_handle)?;
        let source = match request.track_source {
            Some(_) => request.track_source(),
            None => TrackSource::SourceMicrophone,
        };
        let feed = Feed::Participant(participant, source);
        let stream =
            self.own_audio_stream(feed, request.r#type(), request.num_channels, request.sample_rate)?;
        Ok(Response::AudioStreamFromParticipant(AudioStreamFromParticipantResponse { stream }))
    }

    pub(super) fn new_audio_source(self, request: &NewAudioSourceRequest) -> Answer {
        let num_channels = request.num_channels.unwrap_or(1);
        let sample_rate = request.sample_rate.unwrap_or(48000);
        refuse_unless(num_channels > 0 && sample_rate > 0, "a format of 0 is not possible")?;
        refuse_unless(request.queue_size_ms().is_multiple_of(10), "queue_size_ms is not a multiple of 10")?;
        let handle = self.server.handles.own(Object::AudioSource(Source::audio(num_channels, sample_rate)));
        let info = AudioSourceInfo { r#type: request.r#type };
        Ok(Response::NewAudioSource(NewAudioSourceResponse { source: OwnedAudioSource { handle, info } }))
    }

    pub(super) fn capture_audio_frame(self, request: &CaptureAudioFrameRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let source = self.audio_source(request.source_handle)?;
        // SAFETY: the client promises readable memory for as long as the request runs.
        let sound = unsafe { Sound::read(&request.buffer) };
        let sound = sound.ok_or(Refusal::Invalid("the samples are null or without a format"))?;
        self.server.spawn_operation(self.server.audio_runtime(), faults::process(), async move {
            let fits = sound.num_channels == source.num_channels && sound.sample_rate == source.sample_rate;
            let error = (!fits).then(|| "the samples do not have the source's format".to_owned());
            if fits {
                source.push(&Frame::Audio(Arc::new(sound)));
            }
            let callback = CaptureAudioFrameCallback { async_id, error };
            callbacks::deliver(self.server, None, ffi_event::Message::CaptureAudioFrame(callback)).await;
        });
        Ok(Response::CaptureAudioFrame(CaptureAudioFrameResponse { async_id }))
    }

    pub(super) fn clear_audio_buffer(self, request: &ClearAudioBufferRequest) -> Answer {
        // Frames go to the tracks at once, so there is nothing to forget.
        self.audio_source(request.source_handle)?;
        Ok(Response::ClearAudioBuffer(ClearAudioBufferResponse {}))
    }

    pub(super) fn new_audio_resampler(self) -> Response {
        let handle = self.server.handles.own(Object::AudioResampler);
        let resampler = OwnedAudioResampler { handle, info: AudioResamplerInfo {} };
        Response::NewAudioResampler(NewAudioResamplerResponse { resampler })
    }

    pub(super) fn remix_and_resample(self, request: &RemixAndResampleRequest) -> Answer {
        let id = request.resampler_handle;
        if !self.server.handles.is_audio_resampler(id) {
            return Err(Refusal::NoSuchHandle { kind: "audio resampler", id });
        }
        refuse_unless(request.num_channels > 0 && request.sample_rate > 0, "a format of 0 is not possible")?;
        // SAFETY: the client promises readable memory for as long as the request runs.
        let sound = unsafe { Sound::read(&request.buffer) };
        let sound = sound.ok_or(Refusal::Invalid("the samples are null or without a format"))?;
        let (samples, info) = sound.convert(request.num_channels, request.sample_rate).share();
        let handle = self.server.handles.own(Object::AudioFrame(samples));
        Ok(Response::RemixAndResample(RemixAndResampleResponse {
            buffer: OwnedAudioFrameBuffer { handle, info },
        }))
    }
}
