//! What a url and a token say: the room, and who the client is.

/// Who enters which room.
pub(super) struct Ticket {
    pub(super) room_name: String,
    pub(super) identity: String,
    pub(super) name: String,
    pub(super) metadata: String,
}

impl Ticket {
    pub(super) fn read(url: &str, token: &str) -> Result<Self, String> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| format!("{url:?} is not a url"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if scheme == "refuse" || host == "refuse" {
            return Err("the server refuses connections".to_owned());
        }
        if scheme != "ref" {
            return Err(format!("the scheme {scheme:?} is not ref"));
        }
        if path.is_empty() {
            return Err(format!("{url:?} names no room"));
        }
        let mut parts = token.splitn(3, '|');
        let identity = parts.next().unwrap_or_default();
        if identity.is_empty() || token == "invalid" {
            return Err("the token is invalid".to_owned());
        }
        Ok(Self {
            room_name: path.to_owned(),
            identity: identity.to_owned(),
            name: parts.next().unwrap_or(identity).to_owned(),
            metadata: parts.next().unwrap_or_default().to_owned(),
        })
    }
}

/// The room that a url names, whether it can be connected to or not.
pub fn room_of(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path)
}
