//! Sources, tracks, streams, frames and conversions.

use crate::{ask, lab::*, room_event};

fn subscribed_audio() -> (Room, u64, String) {
    join("room", "bob");
    let sid = publish("room", "bob", TrackKind::KindAudio);
    let room = connect("room", "me");
    let track = room_event!(room.id, TrackSubscribed).track.handle.id;
    (room, track, sid)
}

#[test]
fn frames_of_a_scripted_track_are_known_to_the_sample() {
    let _lab = Lab::new();
    let (_room, track, sid) = subscribed_audio();
    let stream = audio_stream(track);
    assert_eq!(emit_frames("room", &sid, 150), 1);
    for n in 0..150_u64 {
        let (samples, info) = audio_frame(stream);
        assert_eq!((info.num_channels, info.sample_rate, info.samples_per_channel), (1, 48000, 480));
        assert!(samples.iter().enumerate().all(|(i, sample)| *sample == (480 * n + i as u64) as i16));
    }
    assert_eq!(diagnostics().handles.audio_frames, 0);
}

#[test]
fn an_unread_frame_is_a_handle() {
    let _lab = Lab::new();
    let (_room, track, sid) = subscribed_audio();
    audio_stream(track);
    emit_frames("room", &sid, 3);
    poll("three frames", || (diagnostics().handles.audio_frames == 3).then_some(()));
}

#[test]
fn a_stream_ends_with_its_own_handle_or_with_that_of_its_track() {
    let _lab = Lab::new();
    let (_room, track, sid) = subscribed_audio();
    let (first, second) = (audio_stream(track), audio_stream(track));
    assert!(drop_handle(first));
    audio_eos(first);
    poll("the end of the first stream", || (emit_frames("room", &sid, 1) == 1).then_some(()));
    assert!(drop_handle(track));
    audio_eos(second);
    assert!(drop_handle(second), "a stream that ended is still owned");
    assert_eq!(emit_frames("room", &sid, 1), 0);
}

#[test]
fn a_stream_converts_to_what_was_asked() {
    let _lab = Lab::new();
    let (_room, track_handle, sid) = subscribed_audio();
    let r#type = AudioStreamType::AudioStreamNative.into();
    let (sample_rate, num_channels) = (Some(16000), Some(2));
    let stream =
        ask!(NewAudioStream NewAudioStreamRequest { track_handle, r#type, sample_rate, num_channels }).stream;
    emit_frames("room", &sid, 1);
    let (samples, info) = audio_frame(stream.handle.id);
    assert_eq!((info.num_channels, info.sample_rate, info.samples_per_channel), (2, 16000, 160));
    assert!(samples.chunks(2).enumerate().all(|(i, pair)| pair == [3 * i as i16; 2]));

    for (r#type, sample_rate, num_channels) in [(1, None, None), (0, Some(0), None), (0, None, Some(0))] {
        let message = NewAudioStreamRequest { track_handle, r#type, sample_rate, num_channels };
        assert!(request(Request::NewAudioStream(message)).is_none());
    }
}

#[test]
fn muted_and_disabled_tracks_carry_nothing() {
    let _lab = Lab::new();
    let (_room, track, sid) = subscribed_audio();
    let stream = audio_stream(track);
    let mute = |muted| {
        let (room_name, track_sid) = ("room".to_owned(), sid.clone());
        ask!(ControlMute ControlMuteRequest { room_name, track_sid, muted });
    };
    mute(true);
    assert_eq!(emit_frames("room", &sid, 1), 0);
    mute(false);
    emit_frames("room", &sid, 1);
    assert_eq!(audio_frame(stream).0[0], 0);
    assert!(
        !ask!(EnableRemoteTrack EnableRemoteTrackRequest { track_handle: track, enabled: false }).enabled
    );
    emit_frames("room", &sid, 1);
    // A second stream, of the same track, says when the frame has gone by.
    let local = audio_track(audio_source(1, 48000));
    let refused = EnableRemoteTrackRequest { track_handle: local, enabled: true };
    assert!(request(Request::EnableRemoteTrack(refused)).is_none());
    let refused = LocalTrackMuteRequest { track_handle: track, mute: true };
    assert!(request(Request::LocalTrackMute(refused)).is_none());
    drop_handle(stream);
    audio_eos(stream);
    let frames = events(|received| matches!(received.event, Event::AudioStreamEvent(_)).then_some(()));
    assert_eq!(frames.len(), 2, "one frame and the end");
}

#[test]
fn a_local_track_can_be_streamed() {
    let _lab = Lab::new();
    let source = audio_source(1, 8000);
    let track = audio_track(source);
    let stream = audio_stream(track);
    let samples: Vec<i16> = (0..80).map(|i| i * 100).collect();
    assert_eq!(capture(source, &samples, 1, 8000), None);
    assert_eq!(audio_frame(stream).0, samples);
    assert!(capture(source, &samples, 2, 8000).is_some());
    assert!(drop_handle(source));
    let buffer = buffer_info(&samples, 1, 8000);
    let late = CaptureAudioFrameRequest { source_handle: source, buffer, request_async_id: None };
    assert!(request(Request::CaptureAudioFrame(late)).is_none());
}

#[test]
fn impossible_sources_and_buffers_are_refused() {
    let _lab = Lab::new();
    let new = |num_channels, queue_size_ms| {
        request(Request::NewAudioSource(NewAudioSourceRequest {
            num_channels,
            queue_size_ms,
            ..Default::default()
        }))
    };
    assert!(new(Some(0), None).is_none());
    assert!(new(None, Some(15)).is_none());
    assert!(new(None, Some(20)).is_some());
    let source_handle = audio_source(1, 48000);
    let buffer =
        AudioFrameBufferInfo { data_ptr: 0, num_channels: 1, sample_rate: 48000, samples_per_channel: 480 };
    let null = CaptureAudioFrameRequest { source_handle, buffer, request_async_id: None };
    assert!(request(Request::CaptureAudioFrame(null)).is_none());
}

#[test]
fn a_participant_stream_follows_the_participant_until_it_leaves() {
    let _lab = Lab::new();
    join("room", "bob");
    let room = connect("room", "me");
    let participant_handle = room.result.participants[0].participant.handle.id;
    let stream = ask!(AudioStreamFromParticipant AudioStreamFromParticipantRequest {
        participant_handle,
        ..Default::default()
    })
    .stream
    .handle
    .id;
    for _ in 0..2 {
        let sid = publish("room", "bob", TrackKind::KindAudio);
        poll("the stream to find the track", || (emit_frames("room", &sid, 1) == 1).then_some(()));
        audio_frame(stream);
        ask!(ControlUnpublish ControlUnpublishRequest { room_name: "room".to_owned(), track_sid: sid });
    }
    leave("room", "bob");
    audio_eos(stream);
    let order = events(|received| match &received.event {
        Event::RoomEvent(RoomEvent { message: Some(RoomMessage::ParticipantDisconnected(_)), .. }) => {
            Some("left")
        }
        Event::AudioStreamEvent(AudioStreamEvent {
            message: Some(audio_stream_event::Message::Eos(_)),
            ..
        }) => Some("end"),
        _ => None,
    });
    assert_eq!(order, ["left", "end"]);
    assert!(drop_handle(stream));
    let unknown = AudioStreamFromParticipantRequest { participant_handle: 1 << 40, ..Default::default() };
    assert!(request(Request::AudioStreamFromParticipant(unknown)).is_none());
}

#[test]
fn a_participant_stream_ends_with_the_room() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    let stream = ask!(AudioStreamFromParticipant AudioStreamFromParticipantRequest {
        participant_handle: room.local,
        ..Default::default()
    })
    .stream
    .handle
    .id;
    let source = audio_source(1, 48000);
    publish_local(&room, audio_track(source));
    poll("a frame of the local track", || {
        capture(source, &[0; 480], 1, 48000);
        (diagnostics().handles.audio_frames > 0).then_some(())
    });
    disconnect(&room);
    audio_eos(stream);
}

#[test]
fn resampling_is_exact() {
    let _lab = Lab::new();
    let resampler_handle = ask!(NewAudioResampler NewAudioResamplerRequest {}).resampler.handle.id;
    let convert = |samples: &[i16], channels_in, rate_in, num_channels, sample_rate| {
        let buffer = buffer_info(samples, channels_in, rate_in);
        let message = RemixAndResampleRequest { resampler_handle, buffer, num_channels, sample_rate };
        let buffer = ask!(RemixAndResample message).buffer;
        samples_of(&buffer).0
    };
    assert_eq!(convert(&[1, 2, 3, 4], 1, 48000, 1, 24000), [1, 3]);
    assert_eq!(convert(&[1, 2], 1, 24000, 1, 48000), [1, 1, 2, 2]);
    assert_eq!(convert(&[1, 2, 3, 4, 5, 6], 1, 48000, 1, 32000), [1, 2, 4, 5]);
    assert_eq!(convert(&[7, 8], 1, 8000, 2, 8000), [7, 7, 8, 8]);
    assert_eq!(convert(&[3, 4, -3, -4], 2, 8000, 1, 8000), [3, -3]);
    assert_eq!(convert(&[1, 2, 3, 4], 2, 8000, 3, 8000), [1, 2, 2, 3, 4, 4]);
    assert_eq!(convert(&[i16::MAX, i16::MAX], 2, 8000, 1, 8000), [i16::MAX]);

    let buffer = buffer_info(&[0; 4], 1, 8000);
    for (num_channels, sample_rate) in [(0, 8000), (1, 0)] {
        let message = RemixAndResampleRequest { resampler_handle, buffer, num_channels, sample_rate };
        assert!(request(Request::RemixAndResample(message)).is_none());
    }
    assert!(drop_handle(resampler_handle));
    assert_eq!(diagnostics().handles.total, 0);
}

fn packed(
    bytes: &[u8],
    r#type: VideoBufferType,
    width: u32,
    height: u32,
    stride: Option<u32>,
) -> VideoBufferInfo {
    let (r#type, data_ptr, components) = (r#type.into(), bytes.as_ptr() as u64, vec![]);
    VideoBufferInfo { r#type, width, height, data_ptr, stride, components }
}

fn bytes_of(buffer: &OwnedVideoBuffer) -> Vec<u8> {
    let info = &buffer.info;
    let bytes = if info.components.is_empty() {
        let len = info.stride.expect("a packed picture has a stride") * info.height;
        // SAFETY: the library promises the picture that it describes until the handle is dropped.
        unsafe { std::slice::from_raw_parts(info.data_ptr as *const u8, len as usize) }.to_vec()
    } else {
        info.components
            .iter()
            .flat_map(|plane| {
                // SAFETY: as above, plane by plane.
                unsafe { std::slice::from_raw_parts(plane.data_ptr as *const u8, plane.size as usize) }
            })
            .copied()
            .collect()
    };
    assert!(drop_handle(buffer.handle.id), "a picture is owned");
    bytes
}

fn video_track(width: u32, height: u32) -> (u64, u64) {
    let source_handle = ask!(NewVideoSource NewVideoSourceRequest {
        r#type: VideoSourceType::VideoSourceNative.into(),
        resolution: VideoSourceResolution { width, height },
        is_screencast: None,
    })
    .source
    .handle
    .id;
    let name = "camera".to_owned();
    let track = ask!(CreateVideoTrack CreateVideoTrackRequest { name, source_handle }).track.handle.id;
    (source_handle, track)
}

fn video_stream(track_handle: u64, format: Option<VideoBufferType>) -> u64 {
    let r#type = VideoStreamType::VideoStreamNative.into();
    let format = format.map(Into::into);
    ask!(NewVideoStream NewVideoStreamRequest { track_handle, r#type, format }).stream.handle.id
}

fn video_frame(stream: u64) -> VideoFrameReceived {
    take("a video frame", |event| match event {
        Event::VideoStreamEvent(VideoStreamEvent {
            stream_handle,
            message: Some(video_stream_event::Message::FrameReceived(received)),
        }) if *stream_handle == stream => Some(received.clone()),
        _ => None,
    })
}

#[test]
fn pictures_go_from_source_to_stream() {
    let _lab = Lab::new();
    let (source_handle, track) = video_track(2, 2);
    let (stream, converted) = (video_stream(track, None), video_stream(track, Some(VideoBufferType::Bgra)));
    // Two lines of two pixels, with two bytes of padding.
    let bytes: Vec<u8> = (0..20).collect();
    let rotation = VideoRotation::VideoRotation90.into();
    let buffer = packed(&bytes, VideoBufferType::Rgba, 2, 2, Some(10));
    ask!(CaptureVideoFrame CaptureVideoFrameRequest { source_handle, buffer, timestamp_us: 5, rotation });
    let frame = video_frame(stream);
    assert_eq!((frame.timestamp_us, frame.rotation()), (5, VideoRotation::VideoRotation90));
    poll("both pictures", || (diagnostics().handles.byte_boxes == 2).then_some(()));
    assert_eq!(bytes_of(&frame.buffer), [0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17]);
    let frame = video_frame(converted);
    assert_eq!(frame.buffer.info.r#type(), VideoBufferType::Bgra);
    assert_eq!(bytes_of(&frame.buffer)[..4], [2, 1, 0, 3]);

    assert!(drop_handle(stream));
    take("the end of the video stream", |event| match event {
        Event::VideoStreamEvent(event) if event.stream_handle == stream => {
            matches!(event.message, Some(video_stream_event::Message::Eos(_))).then_some(())
        }
        _ => None,
    });
    let message = NewAudioStreamRequest { track_handle: track, ..Default::default() };
    assert!(request(Request::NewAudioStream(message)).is_none(), "an audio stream of a video track");
}

#[test]
fn planes_keep_their_addresses_and_sizes() {
    let _lab = Lab::new();
    let (source_handle, track) = video_track(3, 3);
    let stream = video_stream(track, Some(VideoBufferType::Rgba));
    let (y, u, v): (Vec<u8>, Vec<u8>, Vec<u8>) = ((0..9).collect(), (10..14).collect(), (20..24).collect());
    let plane = |bytes: &[u8], stride| video_buffer_info::ComponentInfo {
        data_ptr: bytes.as_ptr() as u64,
        stride,
        size: bytes.len() as u32,
    };
    let r#type = VideoBufferType::I420.into();
    let components = vec![plane(&y, 3), plane(&u, 2), plane(&v, 2)];
    let info = VideoBufferInfo {
        r#type,
        width: 3,
        height: 3,
        data_ptr: y.as_ptr() as u64,
        stride: None,
        components,
    };
    let capture = |buffer: VideoBufferInfo| {
        request(Request::CaptureVideoFrame(CaptureVideoFrameRequest {
            source_handle,
            buffer,
            ..Default::default()
        }))
    };
    assert!(capture(info.clone()).is_some());
    let frame = video_frame(stream);
    // What cannot be converted comes as it is.
    assert_eq!(frame.buffer.info.r#type(), VideoBufferType::I420);
    let strides: Vec<_> = frame.buffer.info.components.iter().map(|plane| plane.stride).collect();
    assert_eq!(strides, [3, 2, 2]);
    assert_eq!(bytes_of(&frame.buffer), [&y[..], &u[..], &v[..]].concat());

    let mut missing = info.clone();
    missing.components.pop();
    assert!(capture(missing).is_none());
    let mut small = info;
    small.components[2].size = 3;
    assert!(capture(small).is_none());
}

#[test]
fn pictures_are_converted_and_flipped() {
    let _lab = Lab::new();
    let bytes: Vec<u8> = (1..=8).collect();
    let convert = |buffer: VideoBufferInfo, dst_type: VideoBufferType, flip_y| {
        let message = VideoConvertRequest { flip_y: Some(flip_y), buffer, dst_type: dst_type.into() };
        ask!(VideoConvert message).message.expect("the answer has a case")
    };
    let image = || packed(&bytes, VideoBufferType::Rgba, 1, 2, None);
    for (layout, flip_y, expected) in [
        (VideoBufferType::Abgr, false, vec![4, 3, 2, 1, 8, 7, 6, 5]),
        (VideoBufferType::Argb, false, vec![4, 1, 2, 3, 8, 5, 6, 7]),
        (VideoBufferType::Rgb24, true, vec![5, 6, 7, 1, 2, 3]),
        (VideoBufferType::Rgba, true, vec![5, 6, 7, 8, 1, 2, 3, 4]),
    ] {
        let video_convert_response::Message::Buffer(buffer) = convert(image(), layout, flip_y) else {
            panic!("{layout:?} is supported")
        };
        assert_eq!(bytes_of(&buffer), expected, "{layout:?}");
    }
    let rgb = packed(&bytes[..6], VideoBufferType::Rgb24, 2, 1, None);
    let video_convert_response::Message::Buffer(buffer) = convert(rgb, VideoBufferType::Rgba, false) else {
        panic!("RGBA is supported")
    };
    assert_eq!(bytes_of(&buffer), [1, 2, 3, 255, 4, 5, 6, 255]);
    assert!(matches!(
        convert(image(), VideoBufferType::I420, false),
        video_convert_response::Message::Error(_)
    ));
    assert_eq!(diagnostics().handles.total, 0);
}
