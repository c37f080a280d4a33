//! A diagnosis and its case, put into words and commands.

use std::borrow::Cow;

use super::playbook::{Filled, Line, Playbook, Script, Step, playbook};
use super::quote::{self, Receiver, Refusal, Word};
use super::slots::{Slot, Slots, Values};
use super::template::{Piece, Template, placeholder};
use super::{
    Advice, CauseAdvice, Command, Fix, Place, Shell, Spelled, clients, platform, said, wanted,
};
use crate::diagnosis::{Case, Cause, CauseId, Confidence, Diagnosis, Past, Said, Surroundings};
use crate::evidence::{Elapsed, Evidence, Layers, Os};
use crate::target::{Declared, NotTcp, Platform, Target, TargetError};

/// Puts a diagnosis into words.
pub fn advise(case: &Case<'_>, diagnosis: &Diagnosis) -> Advice {
    let say = |statements: &[Said]| say(statements, case);
    Advice {
        causes: diagnosis
            .causes
            .iter()
            .map(|cause: &Cause| CauseAdvice {
                because: say(&cause.because),
                against: say(&cause.against),
                ..advise_cause(cause.id, cause.confidence, Some(case))
            })
            .collect(),
        clients_show: clients::clients_show(case, diagnosis),
        ..outline(case, diagnosis)
    }
}

/// Puts a diagnosis into words, and leaves its causes and what clients show to somebody else.
pub fn outline(case: &Case<'_>, diagnosis: &Diagnosis) -> Advice {
    let say = |statements: &[Said]| say(statements, case);
    Advice {
        headline: headline(case, diagnosis.headline),
        proves: say(&diagnosis.proves),
        rules_out: say(&Vec::from(diagnosis.rules_out)),
        findings: say(&diagnosis.findings),
        tied: diagnosis.tied,
        next_tests: diagnosis.next_tests.iter().map(wanted::sentence).collect(),
        ..Advice::default()
    }
}

fn say(statements: &[Said], case: &Case<'_>) -> Vec<String> {
    let sentences = statements.iter();
    let sentences = sentences.map(|statement| said::sentence(statement, case));
    sentences.collect()
}

/// The one sentence of a diagnosis; empty where there is nothing to say.
pub fn headline(case: &Case<'_>, headline: Option<Said>) -> String {
    headline.map_or_else(String::new, |said| said::sentence(&said, case))
}

/// The advice for whatever is known of an instance: the parser's complaint, why it cannot
/// be reached over TCP, or what follows from its case. `None` before its first result.
pub fn advise_any(
    target: Result<&Target, &TargetError>,
    declared: &Declared,
    read: Option<(&Case<'_>, &Diagnosis)>,
) -> Option<Advice> {
    match (target, read) {
        (Err(error), _) => Some(advise_syntax(error)),
        (Ok(_), Some((case, diagnosis))) => Some(advise(case, diagnosis)),
        (Ok(target), None) => target
            .over_tcp()
            .err()
            .map(|reason| advise_not_tcp(target, declared, reason)),
    }
}

/// The advice for a target that cannot be parsed: the parser's own message says what is
/// wrong, and no command is filled from a text that nobody could read.
pub fn advise_syntax(error: &TargetError) -> Advice {
    let mut because = vec![error.problem.clone()];
    because.extend(error.hint.clone());
    Advice {
        headline: error.to_string(),
        causes: vec![CauseAdvice {
            because,
            ..advise_cause(CauseId::TargetSyntax, Confidence::High, None)
        }],
        tied: 1,
        ..Advice::default()
    }
}

/// The advice for a target that parses and cannot be reached over TCP. Nothing was probed.
pub fn advise_not_tcp(target: &Target, declared: &Declared, reason: NotTcp) -> Advice {
    unprobed(target, declared, |case| {
        advise(case, &Diagnosis::not_tcp(reason))
    })
}

/// The advice for causes that a client's message allows, most likely first. Nothing was
/// probed, so only what the target alone can fill is shown, and nothing is sure.
pub fn advise_causes(target: Option<&Target>, causes: &[CauseId]) -> Vec<CauseAdvice> {
    let all = |case: Option<&Case<'_>>| {
        let likely = [Confidence::Medium]
            .into_iter()
            .chain(std::iter::repeat(Confidence::Low));
        let causes = causes.iter().zip(likely);
        causes
            .map(|(cause, likely)| advise_cause(*cause, likely, case))
            .collect()
    };
    match target {
        Some(target) => unprobed(target, &Declared::default(), |case| all(Some(case))),
        None => all(None),
    }
}

/// What follows from a target that nothing was sent to.
pub(super) fn unprobed<T>(
    target: &Target,
    declared: &Declared,
    read: impl FnOnce(&Case<'_>) -> T,
) -> T {
    let (past, mut surroundings) = (Past::default(), Surroundings::default());
    surroundings.vantage.os = Os::HERE;
    let evidence = Evidence {
        at: jiff::Timestamp::UNIX_EPOCH,
        elapsed: Elapsed::default(),
        layers: Layers::default(),
    };
    read(&Case {
        target,
        declared,
        evidence: &evidence,
        witnesses: &[],
        past: &past,
        surroundings: &surroundings,
    })
}

/// One cause by itself, as far as a case fills its commands. Without a case only the
/// commands that need no value are left.
fn advise_cause(id: CauseId, confidence: Confidence, case: Option<&Case<'_>>) -> CauseAdvice {
    CauseAdvice {
        fixes: fixes(id, case),
        ..without_fixes(id, confidence)
    }
}

/// The words of a cause that are the same in every case.
pub(super) fn without_fixes(id: CauseId, confidence: Confidence) -> CauseAdvice {
    let Playbook {
        title,
        means,
        prevent,
        fixes: _,
    } = playbook(id);
    CauseAdvice {
        id,
        title,
        means,
        confidence,
        because: Vec::new(),
        against: Vec::new(),
        fixes: Vec::new(),
        prevent,
    }
}

/// What to do about a cause.
pub(super) fn fixes(id: CauseId, case: Option<&Case<'_>>) -> Vec<Fix> {
    let steps = playbook(id).fixes.iter();
    steps.filter_map(|step| fix(step, case)).collect()
}

/// The fix, if it applies and at least one of its commands can be filled.
pub(super) fn fix(step: &'static Step, case: Option<&Case<'_>>) -> Option<Fix> {
    if !applies(step, case) {
        return None;
    }
    let commands = commands(step, case);
    (!commands.is_empty()).then(|| described(step, commands))
}

/// Whether all holds that the step asks for. Without a case nothing does.
pub(super) fn applies(step: &Step, case: Option<&Case<'_>>) -> bool {
    match case {
        Some(case) => step.only.iter().all(|condition| condition.holds(case)),
        None => step.only.is_empty(),
    }
}

/// The fix that has these commands.
pub(super) fn described(step: &'static Step, commands: Vec<Command>) -> Fix {
    Fix {
        title: &step.title,
        place: step.place,
        risk: step.risk,
        expects: &step.expects,
        note: step.note.as_deref().map(Spelled),
        commands,
    }
}

fn commands(step: &'static Step, case: Option<&Case<'_>>) -> Vec<Command> {
    let own = case.map(|case| platform::platform(case).platform);
    let os = case.map_or(Os::HERE, |case| case.surroundings.vantage.os);
    let lines = step.commands.iter();
    let filled = lines.filter_map(|line| Some((line, filled(line, Slots(case))?)));
    arranged(step, filled.collect(), own, os)
        .into_iter()
        .map(|(platform, line, (text, edit))| Command {
            platform,
            shell: line.shell,
            text,
            edit,
        })
        .collect()
}

/// The commands that are filled, one for each platform and shell: those for the server's
/// `own` platform first, and what is typed here (a cloud's command line is) in the shell of
/// this system first.
pub(super) fn arranged<T: Clone>(
    step: &Step,
    mut filled: Vec<(&'static Line, T)>,
    own: Option<Platform>,
    os: Os,
) -> Vec<(Platform, &'static Line, T)> {
    let mut platforms = Platform::ALL;
    platforms.sort_by_key(|platform| Some(*platform) != own);

    if let Place::Client | Place::Cloud = step.place {
        filled.sort_by_key(|(line, _)| is_foreign(line.shell, os));
    }
    // What is withheld from the shell of this system is no step for another system's.
    if step.place == Place::Client {
        let is_own = |line: &Line| !is_foreign(line.shell, os);
        if step.commands.iter().any(is_own) && !filled.iter().any(|(line, _)| is_own(line)) {
            filled.clear();
        }
    }
    platforms
        .into_iter()
        .flat_map(|platform| {
            let here = filled
                .iter()
                .filter(move |(line, _)| line.on.contains(&platform));
            here.map(move |(line, text)| (platform, *line, text.clone()))
        })
        .collect()
}

/// The command and what is left to fill in; what is the same in every case is borrowed.
fn filled(
    line: &'static Line,
    slots: Slots<'_>,
) -> Option<(Cow<'static, str>, Cow<'static, [String]>)> {
    if let Some(fixed) = &line.fixed {
        return Some((
            fixed.text.as_str().into(),
            Cow::Borrowed(fixed.edit.as_slice()),
        ));
    }
    let text = text(line, slots).ok()?;
    Some((text.into(), edits(&line.script, slots).into()))
}

/// The arguments as the shell reads them, where no case changes them nor the program.
pub(super) fn quoted(shell: Shell, words: &[Template]) -> Vec<Option<String>> {
    let program = words.first().filter(|first| first.is_fixed());
    let program = program.and_then(|first| word(first, Slots(None)).ok());
    let receiver = program.map(|program| Receiver::of(shell, &program.text));
    let argument = |template: &Template| {
        let receiver = receiver.filter(|_| template.is_fixed())?;
        let word = word(template, Slots(None)).ok()?;
        quote::argument(shell, receiver, word).ok()
    };
    words.iter().map(argument).collect()
}

/// The command, where no case changes it.
pub(super) fn fixed(shell: Shell, script: &Script) -> Option<Filled> {
    if !script.templates().iter().all(Template::is_fixed) {
        return None;
    }
    let text = command(shell, script, Slots(None)).ok()?;
    let edit = edits(script, Slots(None));
    Some(Filled { text, edit })
}

/// Whether this system would need another shell installed for it.
fn is_foreign(shell: Shell, os: Os) -> bool {
    match shell {
        Shell::Bash => os == Os::Windows,
        Shell::Powershell | Shell::Cmd => os != Os::Windows,
        Shell::Sql | Shell::Text => false,
    }
}

/// Why a command is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Withheld {
    /// The case does not give the value.
    Unknown(Slot),
    /// The shell could not be given it as one argument.
    Refused(Refusal),
}

impl From<Refusal> for Withheld {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The command, filled and quoted.
pub(super) fn text(line: &Line, slots: impl Values + Copy) -> Result<String, Withheld> {
    command(line.shell, &line.script, slots)
}

fn command(shell: Shell, script: &Script, slots: impl Values + Copy) -> Result<String, Withheld> {
    match script {
        Script::Run(run) => {
            let mut line = String::new();
            let mut receiver = None;
            for (template, quoted) in run.words.iter().zip(&run.quoted) {
                match (quoted, receiver) {
                    (Some(quoted), Some(_)) => {
                        line.push(' ');
                        line += quoted;
                    }
                    (None, Some(receiver)) => {
                        line.push(' ');
                        line += &quote::argument(shell, receiver, word(template, slots)?)?;
                    }
                    (_, None) => {
                        let first = word(template, slots)?.text;
                        line += &quote::program(shell, &first)?;
                        receiver = Some(Receiver::of(shell, &first));
                    }
                }
            }
            Ok(line)
        }
        Script::Raw(template) => template
            .0
            .iter()
            .map(|piece| raw(piece, shell, slots))
            .collect(),
    }
}

/// What a program must receive, itself included.
#[cfg(test)]
pub(super) fn words(
    templates: &[Template],
    slots: impl Values + Copy,
) -> Result<Vec<Word>, Withheld> {
    templates
        .iter()
        .map(|template| word(template, slots))
        .collect()
}

/// A word that a program receives.
pub(super) fn word(template: &Template, slots: impl Values + Copy) -> Result<Word, Withheld> {
    let mut word = Word {
        text: String::new(),
        literal: true,
    };
    for piece in &template.0 {
        match piece {
            Piece::Text(text) => word.text += text,
            Piece::Slot(slot) => {
                let value = slots.get(*slot).ok_or(Withheld::Unknown(*slot))?;
                let value = value.plain();
                // Quotes do not keep a program from taking it for an option.
                if word.text.is_empty() && value.starts_with(['-', '@']) {
                    let why = "a program would take it for an option or a file of options";
                    return Err(Refusal { text: value, why }.into());
                }
                word.literal = false;
                if word.text.is_empty() {
                    word.text = value;
                } else {
                    word.text += &value;
                }
            }
            Piece::Edit(name) => {
                word.literal = false;
                word.text += &placeholder(name);
            }
            Piece::KnownPort => {
                word.literal = false;
                word.text += &slots.port_or_edit().plain();
            }
        }
    }
    Ok(word)
}

/// A piece of a raw line.
pub(super) fn raw(
    piece: &Piece,
    shell: Shell,
    slots: impl Values + Copy,
) -> Result<String, Withheld> {
    Ok(match piece {
        Piece::Text(text) => text.clone(),
        Piece::Slot(slot) => {
            let value = slots.get(*slot).ok_or(Withheld::Unknown(*slot))?;
            quote::value(shell, value)?
        }
        // Quoted in a shell, since `<` would read a file; in a query or a sentence the
        // user puts a name in its place.
        Piece::Edit(name) if matches!(shell, Shell::Sql | Shell::Text) => placeholder(name),
        Piece::Edit(name) => quote::value(shell, super::slots::Value::Text(placeholder(name)))?,
        Piece::KnownPort if matches!(shell, Shell::Sql | Shell::Text) => {
            slots.port_or_edit().plain()
        }
        Piece::KnownPort => quote::value(shell, slots.port_or_edit())?,
    })
}

/// What the user must fill in, each word once.
pub(super) fn edits(script: &Script, slots: Slots<'_>) -> Vec<String> {
    let mut edits = Vec::new();
    for edit in script
        .templates()
        .iter()
        .flat_map(|template| template.edits(slots))
    {
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits
}

#[cfg(test)]
mod tests;
