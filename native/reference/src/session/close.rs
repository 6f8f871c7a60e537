//! How a session ends: by the client, by the server, or because the client was never ready.

use std::{
    sync::{atomic::Ordering, Arc},
    time::Duration,
};

use tokio::{sync::mpsc, time::Instant};

use super::{Event, Session};
use crate::{
    check_list::CheckList,
    data_stream::{text_info, Info},
    media::Track,
    proto::{
        ffi_event, room_event, DisconnectReason, LocalTrackUnpublished, Panic, StreamTextOptions, TrackKind,
        TrackSource,
    },
    server::{self, Server},
    world::{Member, Packet, Published},
};

/// Time between events while a close takes its time.
const LATE_INTERVAL: Duration = Duration::from_millis(10);

impl Session {
    /// Says that the client closes the room, so that dropping the room handle now changes nothing.
    pub fn begin_close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// Closes the room for the client: track handles, session, events, in this order.
    pub async fn close(self: &Arc<Self>, reason: DisconnectReason) {
        let server = server::get();
        self.begin_close();
        let mut list = self.check_list();
        let linked: Vec<u64> = self.linked_tracks.lock().drain().map(|(_, handle)| handle).collect();
        for handle in &linked {
            server.handles.close(*handle);
        }
        list.done("track_handles", format!("{} of subscribed tracks", linked.len()));
        if let Some(millis) = self.faults().close_takes_ms.filter(|_| !self.has_ended()) {
            self.keep_sending(Duration::from_millis(millis.into())).await;
            list.done("late_events", format!("{millis} ms of them"));
        }
        if let Some(tracks) = self.end(server, reason, list).await {
            for published in tracks {
                let publication_sid = published.sid();
                let message = LocalTrackUnpublished { publication_sid };
                self.push(Event::Plain(room_event::Message::LocalTrackUnpublished(message)));
            }
            self.push(Event::End(reason));
        }
        self.released.set();
        self.forwarded.wait().await;
        self.forget_when_over(server);
    }

    /// Lets events with handles go on for a time in which the room closes.
    async fn keep_sending(&self, time: Duration) {
        let end = Instant::now() + time;
        for number in 1.. {
            let identity = format!("late-{number}");
            let member = Member::new(identity.clone(), identity.clone(), String::new(), true);
            self.welcome(&member);
            let track = Arc::new(Track::new(identity.clone(), TrackKind::KindAudio));
            let published = Published::new(track, TrackSource::SourceMicrophone, false, "audio/opus");
            self.announce(&member, &published);
            let packet = Packet::User { data: identity.as_bytes().into(), reliable: true, topic: None };
            self.push(Event::Data(identity.clone(), packet));
            let (_, chunks) = mpsc::unbounded_channel();
            let info = text_info(StreamTextOptions::default());
            self.push(Event::Stream(identity, Info::Text(info), chunks));
            if Instant::now() >= end {
                break;
            }
            tokio::time::sleep_until(end.min(Instant::now() + LATE_INTERVAL)).await;
        }
    }

    /// Gives up waiting until the client is ready: the room and its handle are gone.
    pub(super) async fn time_out(self: &Arc<Self>, server: &Server) {
        self.close(DisconnectReason::ConnectionTimeout).await;
        server.handles.forget(*self.room_handle.get().expect("a connected room was handed over"));
        let message =
            format!("the client was not ready for the events of the room {} in time", self.room_name);
        server.emit(ffi_event::Message::Panic(Panic { message }));
    }

    /// Ends the session from the server's side. All handles stay.
    pub async fn end_by_server(self: &Arc<Self>, reason: DisconnectReason) {
        let server = server::get();
        let mut list = self.check_list();
        list.skipped("track_handles", "the server ends the room, they stay the client's".to_owned());
        if self.end(server, reason, list).await.is_some() {
            self.push(Event::End(reason));
            self.forget_when_over(server);
        }
    }

    /// Leaves the room and closes the connection, once; answers what was published.
    async fn end(
        self: &Arc<Self>,
        server: &Server,
        reason: DisconnectReason,
        mut list: CheckList,
    ) -> Option<Vec<Arc<Published>>> {
        if self.ended.swap(true, Ordering::SeqCst) {
            return None;
        }
        let tracks = server.world.leave(self, reason);
        for published in &tracks {
            *published.track.publishing.lock() = None;
        }
        list.done("room", format!("left with {} published tracks", tracks.len()));
        let writers: Vec<_> = self.writers.lock().drain(..).filter_map(|writer| writer.upgrade()).collect();
        for writer in &writers {
            writer.cut();
        }
        list.done("writers", format!("{} cut", writers.len()));
        self.close_connection(&mut list).await;
        list.keep();
        Some(tracks)
    }

    pub(super) fn forget_when_over(self: &Arc<Self>, server: &Server) {
        if self.has_ended() && self.forwarded.is_set() {
            server.remove_session(self);
        }
    }
}
