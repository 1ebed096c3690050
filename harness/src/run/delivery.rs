//! In which pieces frames are written. A verdict must not depend on it.

use std::str::FromStr;

use crate::case::Case;
use crate::play::Delivery;

/// Which deliveries a run plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deliveries {
    /// Most cases whole; a sixteenth of them, chosen by their names, in each of the other ways.
    #[default]
    Sample,
    /// All cases in one way.
    Only(Delivery),
    /// Every case in every way; the worst verdict counts.
    All,
}

impl Deliveries {
    /// The words of the command line.
    pub const WORDS: [&'static str; 6] = ["sample", "whole", "bytes", "splits", "joined", "all"];

    /// The deliveries of a case.
    pub fn of(self, case: &Case) -> Vec<Delivery> {
        match self {
            Self::Only(delivery) => vec![delivery],
            Self::All => vec![Delivery::Whole, Delivery::Bytes, Delivery::RandomSplits, Delivery::Joined],
            Self::Sample => {
                // By the name alone, so that a case is delivered alike in every run, whatever the seed.
                let sum: u32 = case.id.bytes().map(u32::from).sum();
                vec![match sum % 16 {
                    1 => Delivery::Bytes,
                    2 => Delivery::RandomSplits,
                    3 => Delivery::Joined,
                    _ => Delivery::Whole,
                }]
            }
        }
    }
}

impl Deliveries {
    /// The word of the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::All => "all",
            Self::Only(delivery) => match delivery.name() {
                Some(name) => name,
                None => "whole",
            },
        }
    }
}

impl FromStr for Deliveries {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "sample" => Self::Sample,
            "whole" => Self::Only(Delivery::Whole),
            "bytes" => Self::Only(Delivery::Bytes),
            "splits" => Self::Only(Delivery::RandomSplits),
            "joined" => Self::Only(Delivery::Joined),
            "all" => Self::All,
            _ => return Err(format!("`{word}` is not a delivery; choose one of {}", Self::WORDS.join(", "))),
        })
    }
}
