//! The table of handles: what each id stands for, and which were dropped.

use std::{
    collections::{BTreeMap, VecDeque},
    mem,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
};

use dashmap::DashMap;
use parking_lot::Mutex;

use crate::{
    data_stream::{Reader, Writer},
    media::{Source, StreamHandle, TrackHandle},
    proto::{DropRecord, FfiOwnedHandle, HandleCounts, NamedCount},
    session::{ParticipantHandle, PublicationHandle, RoomHandle},
};

const DROPS_KEPT: usize = 65536;

/// What a handle stands for.
pub enum Object {
    Room(Arc<RoomHandle>),
    Participant(Arc<ParticipantHandle>),
    Track(Arc<TrackHandle>),
    Publication(Arc<PublicationHandle>),
    AudioSource(Arc<Source>),
    VideoSource(Arc<Source>),
    AudioStream(#[expect(dead_code, reason = "ends the stream when dropped")] StreamHandle),
    VideoStream(#[expect(dead_code, reason = "ends the stream when dropped")] StreamHandle),
    AudioFrame(#[expect(dead_code, reason = "owns memory that clients read")] Box<[i16]>),
    VideoFrame(#[expect(dead_code, reason = "owns memory that clients read")] Box<[u8]>),
    DataBuffer(#[expect(dead_code, reason = "owns memory that clients read")] Box<[u8]>),
    ResponseBuffer(#[expect(dead_code, reason = "owns memory that clients read")] Box<[u8]>),
    AudioResampler,
    ByteStreamReader(Reader),
    TextStreamReader(Reader),
    ByteStreamWriter(Arc<Writer>),
    TextStreamWriter(Arc<Writer>),
    /// Stands for a track that the library closed, so that the client's own drop still answers true.
    Placeholder,
}

impl Object {
    fn kind(&self) -> &'static str {
        match self {
            Self::Room(_) => "room",
            Self::Participant(_) => "participant",
            Self::Track(_) => "track",
            Self::Publication(_) => "publication",
            Self::AudioSource(_) => "audio_source",
            Self::VideoSource(_) => "video_source",
            Self::AudioStream(_) => "audio_stream",
            Self::VideoStream(_) => "video_stream",
            Self::AudioFrame(_) => "audio_frame",
            Self::VideoFrame(_) => "video_frame",
            Self::DataBuffer(_) => "data_buffer",
            Self::ResponseBuffer(_) => "response_buffer",
            Self::AudioResampler => "audio_resampler",
            Self::ByteStreamReader(_) => "byte_stream_reader",
            Self::TextStreamReader(_) => "text_stream_reader",
            Self::ByteStreamWriter(_) => "byte_stream_writer",
            Self::TextStreamWriter(_) => "text_stream_writer",
            Self::Placeholder => "placeholder",
        }
    }
}

struct Dropped {
    id: u64,
    kind: &'static str,
    known: bool,
}

/// All live handles, and the one counter that every id comes from.
pub struct HandleTable {
    objects: DashMap<u64, Object>,
    next: AtomicU64,
    drops: Mutex<VecDeque<Dropped>>,
    response_buffers_dropped: AtomicU64,
}

macro_rules! lookup {
    ($name:ident, $variant:ident, $type:ty) => {
        #[doc = concat!("The object behind a handle of kind `", stringify!($name), "`.")]
        pub fn $name(&self, id: u64) -> Option<Arc<$type>> {
            match self.objects.get(&id)?.value() {
                Object::$variant(object) => Some(Arc::clone(object)),
                _ => None,
            }
        }
    };
}

impl HandleTable {
    /// A table without handles; the first id is 1.
    pub fn new() -> Self {
        Self {
            objects: DashMap::new(),
            next: AtomicU64::new(1),
            drops: Mutex::default(),
            response_buffers_dropped: AtomicU64::new(0),
        }
    }

    /// An id that was never given out.
    pub fn next_id(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The highest id that was given out.
    pub fn last_id(&self) -> u64 {
        self.next.load(Ordering::Relaxed) - 1
    }

    /// Stores an object under a new id.
    pub fn insert(&self, object: Object) -> u64 {
        let id = self.next_id();
        self.objects.insert(id, object);
        id
    }

    /// Stores an object and hands it over.
    pub fn own(&self, object: Object) -> FfiOwnedHandle {
        FfiOwnedHandle { id: self.insert(object) }
    }

    lookup!(room, Room, RoomHandle);
    lookup!(participant, Participant, ParticipantHandle);
    lookup!(track, Track, TrackHandle);
    lookup!(publication, Publication, PublicationHandle);
    lookup!(audio_source, AudioSource, Source);
    lookup!(video_source, VideoSource, Source);
    lookup!(byte_stream_writer, ByteStreamWriter, Writer);
    lookup!(text_stream_writer, TextStreamWriter, Writer);

    /// Whether the handle is a resampler.
    pub fn is_audio_resampler(&self, id: u64) -> bool {
        self.objects.get(&id).is_some_and(|object| matches!(object.value(), Object::AudioResampler))
    }

    /// Removes an object for a request that consumes its handle, whatever it is.
    pub fn take(&self, id: u64) -> Option<Object> {
        self.objects.remove(&id).map(|(_, object)| object)
    }

    /// Drops an object for the library itself, leaving a placeholder where there was one.
    pub fn close(&self, id: u64) {
        let closed =
            self.objects.get_mut(&id).map(|mut object| mem::replace(object.value_mut(), Object::Placeholder));
        drop(closed);
    }

    /// Drops a handle for the library itself.
    pub fn forget(&self, id: u64) {
        self.objects.remove(&id);
    }

    /// Drops a handle for the client, and answers whether it was known.
    pub fn drop_handle(&self, id: u64) -> bool {
        let removed = self.take(id);
        if let Some(Object::ByteStreamWriter(writer) | Object::TextStreamWriter(writer)) = &removed {
            writer.before_drop();
        }
        let known = removed.is_some();
        if matches!(removed, Some(Object::ResponseBuffer(_))) {
            self.response_buffers_dropped.fetch_add(1, Ordering::Relaxed);
            return true;
        }
        let kind = removed.as_ref().map_or("unknown", Object::kind);
        {
            let mut drops = self.drops.lock();
            if drops.len() == DROPS_KEPT {
                drops.pop_front();
            }
            drops.push_back(Dropped { id, kind, known });
        }
        known
    }

    /// Drops everything.
    pub fn clear(&self) {
        let ids: Vec<u64> = self.objects.iter().map(|entry| *entry.key()).collect();
        for id in ids {
            self.forget(id);
        }
    }

    /// The client's drops in order; those of known response buffers are left out.
    pub fn drops(&self, reset: bool) -> Vec<DropRecord> {
        let mut drops = self.drops.lock();
        let records = drops
            .iter()
            .map(|dropped| DropRecord { id: dropped.id, kind: dropped.kind.to_owned(), known: dropped.known })
            .collect();
        if reset {
            drops.clear();
        }
        records
    }

    /// How many response buffers the client dropped.
    pub fn response_buffers_dropped(&self) -> u64 {
        self.response_buffers_dropped.load(Ordering::Relaxed)
    }

    /// Live handles by kind.
    pub fn kinds(&self) -> Vec<NamedCount> {
        let mut kinds = BTreeMap::<&str, u32>::new();
        for entry in &self.objects {
            *kinds.entry(entry.value().kind()).or_default() += 1;
        }
        kinds.into_iter().map(|(name, count)| NamedCount { name: name.to_owned(), count }).collect()
    }
}

/// The kinds of the diagnostics line.
pub fn counts(kinds: &[NamedCount]) -> HandleCounts {
    let mut counts = HandleCounts::default();
    for kind in kinds {
        counts.total += kind.count;
        let counter = match kind.name.as_str() {
            "room" => &mut counts.rooms,
            "participant" => &mut counts.participants,
            "track" => &mut counts.tracks,
            "publication" => &mut counts.publications,
            "video_source" => &mut counts.video_sources,
            "audio_source" => &mut counts.audio_sources,
            "video_stream" => &mut counts.video_streams,
            "audio_stream" => &mut counts.audio_streams,
            "audio_frame" => &mut counts.audio_frames,
            "data_buffer" | "response_buffer" => &mut counts.data_buffers,
            "video_frame" => &mut counts.byte_boxes,
            _ => &mut counts.other,
        };
        *counter += kind.count;
    }
    counts
}

/// The diagnostics line.
pub fn line(counts: &HandleCounts) -> String {
    format!(
        "[ffi-handles-diag] total={} rooms={} participants={} tracks={} publications={} video_sources={} \
         audio_sources={} video_streams={} audio_streams={} audio_frames={} data_buffers={} byte_boxes={} other={}",
        counts.total,
        counts.rooms,
        counts.participants,
        counts.tracks,
        counts.publications,
        counts.video_sources,
        counts.audio_sources,
        counts.video_streams,
        counts.audio_streams,
        counts.audio_frames,
        counts.data_buffers,
        counts.byte_boxes,
        counts.other,
    )
}
