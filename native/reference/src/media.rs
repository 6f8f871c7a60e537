//! Media: sources that are filled, tracks that carry frames, and streams that hand them out.

use std::sync::{
    atomic::{AtomicBool, AtomicU64, Ordering},
    Arc, Weak,
};

use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};

use crate::{
    counters,
    handles::Object,
    picture::Picture,
    proto::{
        audio_stream_event, ffi_event, video_stream_event, AudioFrameReceived, AudioStreamEos,
        AudioStreamEvent, OwnedAudioFrameBuffer, OwnedVideoBuffer, StreamState, TrackInfo, TrackKind,
        TrackSource, VideoBufferType, VideoFrameReceived, VideoStreamEos, VideoStreamEvent,
    },
    server::{self, Server},
    session::{ParticipantHandle, Session},
    sound::Sound,
    world::Published,
};

/// One unit of media.
#[derive(Clone)]
pub enum Frame {
    Audio(Arc<Sound>),
    Video(Arc<VideoFrame>),
}

/// A picture with its time and rotation.
pub struct VideoFrame {
    pub picture: Picture,
    pub timestamp_us: i64,
    pub rotation: i32,
}

/// What a client fills.
pub struct Source {
    pub num_channels: u32,
    pub sample_rate: u32,
    pub width: u32,
    pub height: u32,
    tracks: Mutex<Vec<Weak<Track>>>,
}

impl Source {
    /// A source of sound.
    pub fn audio(num_channels: u32, sample_rate: u32) -> Arc<Self> {
        Arc::new(Self { num_channels, sample_rate, width: 0, height: 0, tracks: Mutex::default() })
    }

    /// A source of pictures.
    pub fn video(width: u32, height: u32) -> Arc<Self> {
        Arc::new(Self { num_channels: 0, sample_rate: 0, width, height, tracks: Mutex::default() })
    }

    /// Makes a track that this source feeds.
    pub fn track(self: &Arc<Self>, name: String, kind: TrackKind) -> Arc<Track> {
        let track = Arc::new(Track { source: Some(Arc::clone(self)), ..Track::new(name, kind) });
        self.tracks.lock().push(Arc::downgrade(&track));
        track
    }

    /// Gives a frame to all tracks of the source.
    pub fn push(&self, frame: &Frame) {
        let tracks: Vec<_> = {
            let mut tracks = self.tracks.lock();
            tracks.retain(|track| track.strong_count() > 0);
            tracks.iter().filter_map(Weak::upgrade).collect()
        };
        for track in tracks {
            track.push(frame);
        }
    }
}

/// Where a local track is published.
#[derive(Clone)]
pub struct Publishing {
    pub session: Weak<Session>,
    pub published: Weak<Published>,
}

/// What carries frames, from one publisher to all who stream it.
pub struct Track {
    pub name: String,
    pub kind: TrackKind,
    pub source: Option<Arc<Source>>,
    pub publishing: Mutex<Option<Publishing>>,
    muted: AtomicBool,
    frames: AtomicU64,
    streams: Mutex<Vec<mpsc::UnboundedSender<Frame>>>,
}

impl Track {
    /// A track that nothing feeds but `push`.
    pub fn new(name: String, kind: TrackKind) -> Self {
        Self {
            name,
            kind,
            source: None,
            publishing: Mutex::default(),
            muted: AtomicBool::new(false),
            frames: AtomicU64::new(0),
            streams: Mutex::default(),
        }
    }

    pub fn muted(&self) -> bool {
        self.muted.load(Ordering::Relaxed)
    }

    /// Mutes or unmutes, and answers whether that changed anything.
    pub fn set_muted(&self, muted: bool) -> bool {
        self.muted.swap(muted, Ordering::Relaxed) != muted
    }

    /// Frames that went through so far.
    pub fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Gives a frame to all streams of the track, and answers how many there are. A muted track passes nothing on.
    pub fn push(&self, frame: &Frame) -> usize {
        if self.muted() {
            return 0;
        }
        self.frames.fetch_add(1, Ordering::Relaxed);
        let mut streams = self.streams.lock();
        streams.retain(|stream| stream.send(frame.clone()).is_ok());
        streams.len()
    }

    fn subscribe(&self) -> mpsc::UnboundedReceiver<Frame> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.streams.lock().push(sender);
        receiver
    }
}

/// A track in the handle table. Dropping it ends the streams that were made of this handle.
pub struct TrackHandle {
    pub track: Arc<Track>,
    /// The publication that a remote track belongs to.
    pub remote: Option<Arc<Published>>,
    enabled: AtomicBool,
    alive: watch::Sender<()>,
}

impl TrackHandle {
    pub fn new(track: Arc<Track>, remote: Option<Arc<Published>>) -> Arc<Self> {
        Arc::new(Self { track, remote, enabled: AtomicBool::new(true), alive: watch::channel(()).0 })
    }

    /// Lets media through or holds it back.
    pub fn set_enabled(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::Relaxed);
    }

    pub fn info(&self) -> TrackInfo {
        let sid = match &self.remote {
            Some(published) => published.sid(),
            None => {
                let publishing = self.track.publishing.lock().clone();
                let published = publishing.and_then(|publishing| publishing.published.upgrade());
                published.map_or_else(|| "TR_unknown".to_owned(), |published| published.sid())
            }
        };
        TrackInfo {
            sid,
            name: self.track.name.clone(),
            kind: self.track.kind.into(),
            stream_state: StreamState::StateActive.into(),
            muted: self.track.muted(),
            remote: self.remote.is_some(),
        }
    }
}

/// A stream in the handle table. Dropping it ends the stream.
pub struct StreamHandle {
    _alive: watch::Sender<()>,
}

/// How a stream hands frames out.
#[derive(Clone, Copy)]
pub enum Format {
    Audio { num_channels: Option<u32>, sample_rate: Option<u32> },
    Video { layout: Option<VideoBufferType> },
}

impl Format {
    /// The kind of track that fits.
    pub fn kind(self) -> TrackKind {
        match self {
            Self::Audio { .. } => TrackKind::KindAudio,
            Self::Video { .. } => TrackKind::KindVideo,
        }
    }
}

/// What feeds a stream.
pub enum Feed {
    Track(Arc<TrackHandle>),
    Participant(Arc<ParticipantHandle>, TrackSource),
}

/// Starts a stream and answers its handle.
pub fn start_stream(server: &'static Server, feed: Feed, format: Format) -> u64 {
    let (sender, alive) = watch::channel(());
    let handle = StreamHandle { _alive: sender };
    let id = server.handles.insert(match format {
        Format::Audio { .. } => Object::AudioStream(handle),
        Format::Video { .. } => Object::VideoStream(handle),
    });
    let stream = Stream { id, format, alive };
    match feed {
        Feed::Track(track) => {
            let frames = track.track.subscribe();
            let track_alive = track.alive.subscribe();
            let track = Arc::downgrade(&track);
            counters::spawn(server.runtime(), "stream", stream.run(frames, track_alive, track));
        }
        Feed::Participant(participant, source) => {
            counters::spawn(server.runtime(), "stream", stream.follow(participant, source));
        }
    }
    id
}

struct Stream {
    id: u64,
    format: Format,
    alive: watch::Receiver<()>,
}

impl Stream {
    /// Hands out the frames of one track until the stream or the track handle is dropped.
    async fn run(
        mut self,
        mut frames: mpsc::UnboundedReceiver<Frame>,
        mut track_alive: watch::Receiver<()>,
        track: Weak<TrackHandle>,
    ) {
        loop {
            let frame = tokio::select! {
                biased;
                _ = self.alive.changed() => break,
                _ = track_alive.changed() => break,
                frame = frames.recv() => frame,
            };
            let Some(frame) = frame else { break };
            if track.upgrade().is_some_and(|track| track.enabled.load(Ordering::Relaxed)) {
                self.deliver(&frame);
            }
        }
        drop(frames);
        self.end();
    }

    /// Hands out the frames of whatever track the participant publishes, until it leaves.
    async fn follow(mut self, participant: Arc<ParticipantHandle>, source: TrackSource) {
        let mut changes = participant.member.changes();
        let room_closed = participant.session.closed();
        let mut current: Option<(Arc<Published>, mpsc::UnboundedReceiver<Frame>)> = None;
        loop {
            if participant.session.has_left(&participant.member) {
                break;
            }
            let published = participant.streamable(self.format.kind(), source);
            match (&current, published) {
                (Some((now, _)), Some(next)) if Arc::ptr_eq(now, &next) => {}
                (_, next) => {
                    current = next.map(|published| {
                        let frames = published.track.subscribe();
                        (published, frames)
                    });
                }
            }
            let next_frame = async {
                match &mut current {
                    Some((_, frames)) => frames.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = self.alive.changed() => break,
                () = room_closed.wait() => break,
                changed = changes.changed() => if changed.is_err() { break },
                frame = next_frame => match frame {
                    Some(frame) => self.deliver(&frame),
                    None => current = None,
                },
            }
        }
        drop(current);
        self.end();
    }

    fn deliver(&self, frame: &Frame) {
        let server = server::get();
        let (handle, message) = match (frame, self.format) {
            (Frame::Audio(sound), Format::Audio { num_channels, sample_rate }) => {
                let converted = sound.convert(
                    num_channels.unwrap_or(sound.num_channels),
                    sample_rate.unwrap_or(sound.sample_rate),
                );
                let (samples, info) = converted.share();
                let handle = server.handles.own(Object::AudioFrame(samples));
                let frame = AudioFrameReceived { frame: OwnedAudioFrameBuffer { handle, info } };
                let message = audio_stream_event::Message::FrameReceived(frame);
                (handle, audio_event(self.id, message))
            }
            (Frame::Video(video), Format::Video { layout }) => {
                let converted = layout.and_then(|layout| video.picture.convert(layout));
                let (bytes, info) = converted.unwrap_or_else(|| video.picture.clone()).share();
                let handle = server.handles.own(Object::VideoFrame(bytes));
                let frame = VideoFrameReceived {
                    buffer: OwnedVideoBuffer { handle, info },
                    timestamp_us: video.timestamp_us,
                    rotation: video.rotation,
                };
                let message = video_stream_event::Message::FrameReceived(frame);
                (handle, video_event(self.id, message))
            }
            _ => return,
        };
        if !server.emit(message) {
            server.handles.forget(handle.id);
        }
    }

    fn end(self) {
        server::get().emit(match self.format {
            Format::Audio { .. } => audio_event(self.id, audio_stream_event::Message::Eos(AudioStreamEos {})),
            Format::Video { .. } => video_event(self.id, video_stream_event::Message::Eos(VideoStreamEos {})),
        });
    }
}

fn audio_event(stream_handle: u64, message: audio_stream_event::Message) -> ffi_event::Message {
    ffi_event::Message::AudioStreamEvent(AudioStreamEvent { stream_handle, message: Some(message) })
}

fn video_event(stream_handle: u64, message: video_stream_event::Message) -> ffi_event::Message {
    ffi_event::Message::VideoStreamEvent(VideoStreamEvent { stream_handle, message: Some(message) })
}
