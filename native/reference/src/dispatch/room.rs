//! The requests of `room.proto`.

use std::{ptr, sync::Arc};

use super::{error_unless, refuse_unless, Answer, Call, Refusal};
use crate::{
    callbacks,
    faults::{self, abort},
    proto::{
        ffi_event, ffi_response::Message as Response, get_session_stats_callback, publish_track_callback, *,
    },
    session, stats,
    world::{Packet, Update},
};

impl Call {
    pub(super) fn connect(self, request: ConnectRequest) -> Response {
        let async_id = self.async_id(request.request_async_id);
        let faults = faults::of_room(session::room_of(&request.url));
        let operation = session::connect(self.server, async_id, request);
        self.server.spawn_operation(self.server.runtime(), faults, operation);
        Response::Connect(ConnectResponse { async_id })
    }

    pub(super) fn ready(self, request: &ReadyForRoomEventRequest) -> Answer {
        self.room(request.room_handle)?.set_ready();
        Ok(Response::ReadyForRoomEvent(ReadyForRoomEventResponse {}))
    }

    pub(super) fn disconnect(self, request: &DisconnectRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let room_handle = request.room_handle;
        let session = self.room(room_handle)?;
        let reason = match request.reason {
            Some(_) => request.reason(),
            None => DisconnectReason::ClientInitiated,
        };
        let late = faults::of_room(&session.room_name).room_looked_up_late();
        if !late {
            session.begin_close();
        }
        self.spawn(&Arc::clone(&session), async move {
            if late {
                let room_name = Some(session.room_name.as_str());
                let room =
                    callbacks::when_released(room_name, || self.server.handles.room(room_handle)).await;
                if room.is_some_and(|room| room.is_none()) {
                    abort("the room is gone before the task that closes it looked it up");
                }
            }
            session.close(reason).await;
            if !faults::of_room(&session.room_name).disconnect_callback_lost() {
                self.server.emit(ffi_event::Message::Disconnect(DisconnectCallback { async_id }));
            }
        });
        Ok(Response::Disconnect(DisconnectResponse { async_id }))
    }

    pub(super) fn publish_track(self, request: PublishTrackRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        self.spawn(&Arc::clone(&session), async move {
            // The track is looked up here and not before the response: its handle must live until the callback.
            let result = session.publish(self.server, request.track_handle, &request.options);
            let (published, message) = match result {
                Ok((published, publication)) => {
                    (Some(published), publish_track_callback::Message::Publication(publication))
                }
                Err(error) => (None, publish_track_callback::Message::Error(error)),
            };
            let callback = PublishTrackCallback { async_id, message: Some(message) };
            self.answer(&session, ffi_event::Message::PublishTrack(callback)).await;
            if let Some(published) = published {
                session.push_published(&published);
            }
        });
        Ok(Response::PublishTrack(PublishTrackResponse { async_id }))
    }

    pub(super) fn unpublish_track(self, request: UnpublishTrackRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        self.spawn(&Arc::clone(&session), async move {
            let result = session.unpublish(self.server, &request.track_sid, request.stop_on_unpublish).await;
            let callback = UnpublishTrackCallback { async_id, error: result.err() };
            self.answer(&session, ffi_event::Message::UnpublishTrack(callback)).await;
        });
        Ok(Response::UnpublishTrack(UnpublishTrackResponse { async_id }))
    }

    pub(super) fn publish_data(self, request: PublishDataRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        refuse_unless(request.data_len == 0 || request.data_ptr != 0, "the data is null")?;
        let mut data = vec![0_u8; request.data_len as usize];
        if !data.is_empty() {
            // SAFETY: the client promises data_len readable bytes for as long as the request runs.
            unsafe { ptr::copy_nonoverlapping(request.data_ptr as *const u8, data.as_mut_ptr(), data.len()) };
        }
        let packet = Packet::User { data: data.into(), reliable: request.reliable, topic: request.topic };
        self.spawn(&Arc::clone(&session), async move {
            let open = self.server.world.send_data(&session, &packet, &request.destination_identities);
            let callback = PublishDataCallback { async_id, error: error_unless(open) };
            self.answer(&session, ffi_event::Message::PublishData(callback)).await;
        });
        Ok(Response::PublishData(PublishDataResponse { async_id }))
    }

    pub(super) fn set_subscribed(self, request: &SetSubscribedRequest) -> Answer {
        let id = request.publication_handle;
        let publication =
            self.server.handles.publication(id).ok_or(Refusal::NoSuchHandle { kind: "publication", id })?;
        let (session, member, published) =
            (&publication.session, &publication.member, &publication.published);
        refuse_unless(!Arc::ptr_eq(member, &session.member), "the publication is a local one")?;
        let there = member.tracks().iter().any(|other| Arc::ptr_eq(other, published));
        if there && !session.has_ended() {
            if request.subscribe {
                session.subscribe(member, published);
            } else {
                session.unsubscribe(member, published);
            }
        }
        Ok(Response::SetSubscribed(SetSubscribedResponse {}))
    }

    pub(super) fn set_local_metadata(self, request: SetLocalMetadataRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        let update = Update { metadata: Some(request.metadata), ..Update::default() };
        let error = error_unless(self.server.world.update_own(&session, update));
        self.reply(
            &session,
            ffi_event::Message::SetLocalMetadata(SetLocalMetadataCallback { async_id, error }),
        );
        Ok(Response::SetLocalMetadata(SetLocalMetadataResponse { async_id }))
    }

    pub(super) fn set_local_name(self, request: SetLocalNameRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        let update = Update { name: Some(request.name), ..Update::default() };
        let error = error_unless(self.server.world.update_own(&session, update));
        self.reply(&session, ffi_event::Message::SetLocalName(SetLocalNameCallback { async_id, error }));
        Ok(Response::SetLocalName(SetLocalNameResponse { async_id }))
    }

    pub(super) fn set_local_attributes(self, request: SetLocalAttributesRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.session(request.local_participant_handle)?;
        let update = Update { attributes: request.attributes, ..Update::default() };
        let error = error_unless(self.server.world.update_own(&session, update));
        self.reply(
            &session,
            ffi_event::Message::SetLocalAttributes(SetLocalAttributesCallback { async_id, error }),
        );
        Ok(Response::SetLocalAttributes(SetLocalAttributesResponse { async_id }))
    }

    pub(super) fn get_session_stats(self, request: &GetSessionStatsRequest) -> Answer {
        let async_id = self.async_id(request.request_async_id);
        let session = self.room(request.room_handle)?;
        let message = if session.has_ended() {
            get_session_stats_callback::Message::Error("the room is closed".to_owned())
        } else {
            get_session_stats_callback::Message::Result(get_session_stats_callback::Result {
                publisher_stats: stats::sent_by(&session),
                subscriber_stats: stats::received_by(&session),
            })
        };
        let callback = GetSessionStatsCallback { async_id, message: Some(message) };
        self.reply(&session, ffi_event::Message::GetSessionStats(callback));
        Ok(Response::GetSessionStats(GetSessionStatsResponse { async_id }))
    }
}
