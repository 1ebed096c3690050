//! The interpreter: one case over one link, to a transcript and the facts of each step.

mod adaptive_timeout;
mod corpus;
mod departure;
mod ending;
mod facts;
mod heads;
mod held;
mod http;
mod limits;
mod matching;
mod negotiation;
mod opening;
mod payload;
mod refusal;
mod scale;
mod script;
mod session;
mod settings;
mod tls_handshake;
mod transcript;
mod waiting;

pub use adaptive_timeout::AdaptiveTimeout;
pub use corpus::{bytes_of, heads_of};
pub use departure::Departure;
pub use facts::{Actual, Expected, Fact, FactKind, PlayResult, play_without_call};
pub use heads::{RequestOf, client_head, open_connection, read_request, url_of};
pub use limits::{Accepted, Amounts};
pub use negotiation::deflate_offers;
pub use payload::Payload;
pub use scale::{Scale, Shared};
pub use script::{play_against_client, play_against_server};
pub use session::{Message, Received};
pub use settings::{Call, Delivery, Settings};
pub use tls_handshake::play_tls_refusal;
pub use transcript::{Event, Transcript, TranscriptFrame, What};
