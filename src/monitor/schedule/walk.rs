//! What the schedule needs of the network: a seam for its tests, where time is paused.

use std::future::Future;
use std::sync::Arc;

use crate::evidence::{Audit, Evidence, Test, Vantage, Witness};
use crate::probe::{AuditRequest, Network, Request, Settings};
use crate::target::Target;

/// Whoever walks the layers.
pub(crate) trait Walk: Send + Sync + 'static {
    /// One probe.
    fn probe(&self, request: &Request) -> impl Future<Output = Evidence> + Send;
    /// One extra look.
    fn look(&self, target: &Target, test: Test) -> impl Future<Output = Witness> + Send;
    /// Everything that a host lists, opens and answers.
    fn audit(&self, request: &AuditRequest) -> impl Future<Output = Audit> + Send;
    /// New connections a second; `None`: as many as can be.
    fn rate(&self) -> Option<u32>;
    /// This machine as it is right now.
    fn vantage(&self) -> Vantage;
    /// The same with other settings; what is under way goes on with the old ones.
    fn reconfigured(self: &Arc<Self>, settings: Settings) -> Arc<Self>;
    /// Waits until what it opened is closed in order.
    fn finish(&self) -> impl Future<Output = ()> + Send;
}

impl Walk for Network {
    fn probe(&self, request: &Request) -> impl Future<Output = Evidence> + Send {
        Network::probe(self, request)
    }

    fn look(&self, target: &Target, test: Test) -> impl Future<Output = Witness> + Send {
        Network::look(self, target, test)
    }

    fn audit(&self, request: &AuditRequest) -> impl Future<Output = Audit> + Send {
        Network::audit(self, request)
    }

    fn rate(&self) -> Option<u32> {
        Network::rate(self)
    }

    fn vantage(&self) -> Vantage {
        Network::vantage(self)
    }

    fn reconfigured(self: &Arc<Self>, settings: Settings) -> Arc<Self> {
        Arc::new(Network::reconfigured(self, settings))
    }

    fn finish(&self) -> impl Future<Output = ()> + Send {
        Network::finish(self)
    }
}
