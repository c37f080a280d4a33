//! The accuracy on messages of real clients, texts that no client of the corpus wrote, and
//! what must hold for any text.

mod accuracy;
mod cases;
mod figures;
mod properties;
mod targets;
mod wild;
