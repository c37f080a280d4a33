//! An explanation as `explain --format json` prints it.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::Explanation;
use crate::advice;
use crate::target::{InstanceName, Port, Target};

/// The version of this form. It changes when a reader could break.
const SCHEMA: u32 = 1;

/// The parts of a target that scripts want.
#[derive(Serialize)]
struct Parts<'a> {
    host: String,
    instance: Option<&'a str>,
    port: Option<Port>,
}

impl<'a> Parts<'a> {
    fn of(target: &'a Target) -> Self {
        Self {
            host: target.host.to_string(),
            instance: target.instance.as_ref().map(InstanceName::as_str),
            port: target.port,
        }
    }
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let causes = advice::advise_causes(self.target.as_ref(), &self.causes);
        let mut document = serializer.serialize_struct("Explanation", 12)?;
        document.serialize_field("schema", &SCHEMA)?;
        document.serialize_field("is_connection_error", &self.is_connection_error)?;
        document.serialize_field("layer", &self.layer)?;
        document.serialize_field("state", &self.state)?;
        document.serialize_field("codes", &self.codes)?;
        document.serialize_field("client", &self.client)?;
        document.serialize_field("target", &self.target.as_ref().map(Parts::of))?;
        document.serialize_field("means", &self.means)?;
        document.serialize_field("proves", &self.proves)?;
        document.serialize_field("proves_not", &self.proves_not)?;
        document.serialize_field("causes", &causes)?;
        document.serialize_field("clients_show", &self.clients_show())?;
        document.end()
    }
}
