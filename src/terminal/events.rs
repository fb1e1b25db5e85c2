//! The terminal's events → messages.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

use crate::keymap::{Code, Key};
use crate::tea::{Mouse, MouseKind, Msg};

/// What an event means to the program; most mouse events mean nothing.
pub(super) fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => key_of(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Pasted(text)),
        Event::Resize(width, height) => Some(Msg::Resized { width, height }),
        Event::Mouse(mouse) => {
            let kind = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => MouseKind::Click,
                MouseEventKind::ScrollUp => MouseKind::WheelUp,
                MouseEventKind::ScrollDown => MouseKind::WheelDown,
                _ => return None,
            };
            Some(Msg::Mouse(Mouse { kind, column: mouse.column, row: mouse.row }))
        }
        Event::FocusGained | Event::FocusLost => None,
    }
}

fn key_of(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(number) => Code::F(number),
        _ => return None,
    };
    // Shift is part of the character that it makes.
    let is_shifted = event.modifiers.contains(KeyModifiers::SHIFT) && !matches!(code, Code::Char(_) | Code::BackTab);
    Some(Key {
        code,
        ctrl: event.modifiers.contains(KeyModifiers::CONTROL),
        alt: event.modifiers.contains(KeyModifiers::ALT),
        shift: is_shifted,
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(KeyCode::Char('N'), KeyModifiers::SHIFT, "N")]
    #[case(KeyCode::Char('d'), KeyModifiers::CONTROL, "ctrl-d")]
    #[case(KeyCode::BackTab, KeyModifiers::SHIFT, "backtab")]
    #[case(KeyCode::Up, KeyModifiers::SHIFT, "shift-up")]
    #[case(KeyCode::Char(' '), KeyModifiers::NONE, "space")]
    fn keys_have_the_names_of_keymaps(#[case] code: KeyCode, #[case] modifiers: KeyModifiers, #[case] name: &str) {
        let event = Event::Key(KeyEvent::new(code, modifiers));
        let Some(Msg::Key(key)) = message(event) else { panic!("no key") };
        assert_eq!(key, name.parse().unwrap());
    }

    #[test]
    fn letting_a_key_go_is_no_key() {
        let event = KeyEvent::new_with_kind(KeyCode::Char('q'), KeyModifiers::NONE, KeyEventKind::Release);
        assert!(message(Event::Key(event)).is_none());
    }
}
