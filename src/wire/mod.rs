//! The two protocols that are spoken before a login: bytes in, values out, no I/O.
//!
//! Both sides of each are here: what the probe sends and reads, and what the
//! simulated servers read and send. Everything borrowed from the network is bounded
//! and every decoder takes any bytes without panicking.

pub mod greeting;
pub mod ssrp;
pub mod tds;
pub mod token;
