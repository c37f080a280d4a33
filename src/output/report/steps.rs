//! What to do: the commands for one platform, looking before acting.

use crate::advice::{self, Advice, NumberedCommand, Risk};
use crate::evidence::Os;
use crate::monitor::Row;
use crate::output::{markdown, script};
use crate::target::Platform;

/// How many steps for the one leading cause are written out.
const STEPS: usize = 12;
/// How many where several causes lead: the looks into each come first.
const LOOKS: usize = 8;
/// With so many, those for less likely causes can wait.
const ENOUGH: usize = 5;

pub(super) fn write(
    lines: &mut Vec<String>,
    row: &Row,
    advice: &Advice,
    platform: Option<Platform>,
) {
    let guess = row.case().map(|case| advice::platform(&case));
    let guessed = guess.is_some_and(|guess| guess.guessed);
    let own = guess.map_or(Platform::Windows, |guess| guess.platform);
    let platform = platform.unwrap_or(own);
    let steps = advice::commands_for(advice, platform);
    if steps.is_empty() {
        return;
    }
    markdown::heading(lines, "What to do");
    if row.case().is_some() {
        let guessed = if guessed && platform == own {
            ", which is a guess"
        } else {
            ""
        };
        let name = name(platform);
        lines.push(format!("For the platform {name}{guessed}, in this order:"));
    } else {
        lines.push("Nothing was probed, so these are not filled in:".to_owned());
    }
    let chosen = chosen(advice, &steps);
    // Before its first result a row does not know from where it is seen: from here.
    let vantage = &row.surroundings.vantage;
    let here = row.evidence.as_ref().map_or(Os::HERE, |_| vantage.os);
    let mut before = None;
    for (at, step) in chosen.iter().enumerate() {
        let cause = step.cause.map(|cause| cause.id);
        if let Some(next) = step.cause.filter(|_| !is_leading(advice, step))
            && before != cause
        {
            let title = markdown::text(next.title, usize::MAX);
            lines.extend([String::new(), format!("If it is none of that ({title}):")]);
        }
        before = cause;
        self::step(lines, at + 1, step, here);
    }
    let more = steps.len() - chosen.len();
    if more > 0 {
        let noun = if more == 1 { "step is" } else { "steps are" };
        lines.extend([
            String::new(),
            format!("{more} more {noun} not listed here; sqlreach shows them all."),
        ]);
    }
}

/// The steps for the leading causes, and where these are few a look into the next ones. What
/// belongs together is not cut apart: who stops something must be told how to start it again.
fn chosen<'a>(advice: &Advice, steps: &[NumberedCommand<'a>]) -> Vec<NumberedCommand<'a>> {
    let (leading, others): (Vec<_>, Vec<_>) = steps
        .iter()
        .copied()
        .partition(|step| is_leading(advice, step));
    let most = if advice.tied > 1 { LOOKS } else { STEPS };
    let acts = |at: usize| {
        leading
            .get(at)
            .is_some_and(|step| step.fix.risk != Risk::ReadOnly)
    };
    let mut end = most.min(leading.len());
    while end > 0 && acts(end) && acts(end - 1) {
        end -= 1;
    }
    let mut chosen = leading[..end].to_vec();
    let looks = others
        .into_iter()
        .filter(|step| step.fix.risk == Risk::ReadOnly);
    chosen.extend(looks.take(ENOUGH.saturating_sub(chosen.len())));
    chosen
}

fn is_leading(advice: &Advice, step: &NumberedCommand<'_>) -> bool {
    let leading = advice.causes.iter().take(advice.tied.max(1));
    let of = step.cause.map(|cause| cause.id);
    leading.into_iter().any(|cause| Some(cause.id) == of)
}

fn step(lines: &mut Vec<String>, number: usize, step: &NumberedCommand<'_>, here: Os) {
    let title = markdown::text(step.fix.title, usize::MAX);
    let place = script::place(step.fix.place, step.command, here);
    let risk = step.fix.risk.word();
    let risk = if step.fix.risk == Risk::ReadOnly {
        risk.to_owned()
    } else {
        format!("**{risk}**")
    };
    lines.extend([
        String::new(),
        format!("**{number}. {title}** ({place}; {risk})"),
        String::new(),
        script::script(step.command),
    ]);
    let mut notes: Vec<String> = script::fill_in(step.command).into_iter().collect();
    notes.extend(
        step.fix
            .note
            .iter()
            .map(|note| markdown::text(note.0, usize::MAX)),
    );
    if !notes.is_empty() {
        lines.extend([String::new(), notes.join(" ")]);
    }
}

/// The platform as people write it.
pub(super) fn name(platform: Platform) -> &'static str {
    match platform {
        Platform::Windows => "Windows",
        Platform::Linux => "Linux",
        Platform::Container => "container",
        Platform::Azure => "Azure SQL",
        Platform::Rds => "Amazon RDS",
    }
}
