//! The requests of `video.proto`.

use std::sync::Arc;

use super::{refuse_unless, Answer, Call, Refusal};
use crate::{
    handles::Object,
    media::{self, Feed, Format, Frame, Source, VideoFrame},
    picture::Picture,
    proto::{ffi_response::Message as Response, video_convert_response, *},
};

impl Call {
    fn own_video_stream(
        self,
        feed: Feed,
        r#type: VideoStreamType,
        layout: Option<VideoBufferType>,
    ) -> OwnedVideoStream {
        let id = media::start_stream(self.server, feed, Format::Video { layout });
        OwnedVideoStream { handle: FfiOwnedHandle { id }, info: VideoStreamInfo { r#type: r#type.into() } }
    }

    pub(super) fn new_video_stream(self, request: &NewVideoStreamRequest) -> Answer {
        refuse_unless(
            request.r#type() == VideoStreamType::VideoStreamNative,
            "the type of stream is not supported",
        )?;
        let track = self.track_of_kind(request.track_handle, TrackKind::KindVideo)?;
        let layout = request.format.map(|_| request.format());
        let stream = self.own_video_stream(Feed::Track(track), request.r#type(), layout);
        Ok(Response::NewVideoStream(NewVideoStreamResponse { stream }))
    }

    pub(super) fn video_stream_from_participant(self, request: &VideoStreamFromParticipantRequest) -> Answer {
        refuse_unless(
            request.r#type() == VideoStreamType::VideoStreamNative,
            "the type of stream is not supported",
        )?;
        let participant = self.participant(request.participant_handle)?;
        let feed = Feed::Participant(participant, request.track_source());
        let layout = request.format.map(|_| request.format());
        let stream = self.own_video_stream(feed, request.r#type(), layout);
        Ok(Response::VideoStreamFromParticipant(VideoStreamFromParticipantResponse { stream }))
    }

    pub(super) fn new_video_source(self, request: &NewVideoSourceRequest) -> Response {
        let source = Source::video(request.resolution.width, request.resolution.height);
        let handle = self.server.handles.own(Object::VideoSource(source));
        let info = VideoSourceInfo { r#type: request.r#type };
        Response::NewVideoSource(NewVideoSourceResponse { source: OwnedVideoSource { handle, info } })
    }

    pub(super) fn capture_video_frame(self, request: &CaptureVideoFrameRequest) -> Answer {
        let source = self.video_source(request.source_handle)?;
        // SAFETY: the client promises readable memory for as long as the request runs.
        let picture = unsafe { Picture::read(&request.buffer) };
        let picture = picture.ok_or(Refusal::Invalid("the picture's planes do not fit its size"))?;
        let frame =
            VideoFrame { picture, timestamp_us: request.timestamp_us, rotation: request.rotation().into() };
        source.push(&Frame::Video(Arc::new(frame)));
        Ok(Response::CaptureVideoFrame(CaptureVideoFrameResponse {}))
    }

    pub(super) fn video_convert(self, request: &VideoConvertRequest) -> Answer {
        // SAFETY: the client promises readable memory for as long as the request runs.
        let picture = unsafe { Picture::read(&request.buffer) };
        let picture = picture.ok_or(Refusal::Invalid("the picture's planes do not fit its size"))?;
        let message = match picture.convert(request.dst_type()) {
            Some(mut converted) => {
                if request.flip_y() {
                    converted.flip();
                }
                let (bytes, info) = converted.share();
                let handle = self.server.handles.own(Object::VideoFrame(bytes));
                video_convert_response::Message::Buffer(OwnedVideoBuffer { handle, info })
            }
            None => video_convert_response::Message::Error(format!(
                "{:?} cannot be converted to {:?}",
                request.buffer.r#type(),
                request.dst_type()
            )),
        };
        Ok(Response::VideoConvert(VideoConvertResponse { message: Some(message) }))
    }
}
