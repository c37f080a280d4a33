//! Reports as they go into a ticket.

mod causes;
mod parts;
