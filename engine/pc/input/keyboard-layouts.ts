// What is printed on the keys of a country's keyboard: which key, with which modifiers, types a character. As the layouts of these names
// in X.Org's xkeyboard-config (symbols/us, gb, de, …), which guests' own follow.
//
// A layout is three lines, without a modifier, with Shift and with AltGr, each with one place for every key of POSITIONS; a space stands
// for a key that types nothing there. Dead keys wait for the next key and put their accent on it.

/** KeyboardEvent.code, row by row. */
export const POSITIONS: readonly string[] = [
  ...['Backquote', ...Array.from('1234567890', (digit) => `Digit${digit}`), 'Minus', 'Equal'],
  ...[...letters('QWERTYUIOP'), 'BracketLeft', 'BracketRight'],
  ...[...letters('ASDFGHJKL'), 'Semicolon', 'Quote', 'Backslash'],
  ...['IntlBackslash', ...letters('ZXCVBNM'), 'Comma', 'Period', 'Slash', 'IntlRo'],
];

export interface KeyboardLayout {
  /** For the user. */
  name: string;
  plain: string;
  shift: string;
  altGr: string;
  /** The characters of `plain` and `shift` that are dead keys there. */
  dead: string;
  deadAltGr: string;
}

export const KEYBOARD_LAYOUTS = {
  us: {
    name: 'US English',
    plain: "`1234567890-=qwertyuiop[]asdfghjkl;'\\ zxcvbnm,./ ",
    shift: '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"| ZXCVBNM<>? ',
    altGr: '',
    dead: '',
    deadAltGr: '',
  },
  gb: {
    name: 'British',
    plain: "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./ ",
    shift: '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>? ',
    altGr: '    €                                            ',
    dead: '',
    deadAltGr: '',
  },
  de: {
    name: 'German',
    plain: '^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.- ',
    shift: '°!"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ\'>YXCVBNM;:_ ',
    altGr: '  ²³   {[]}\\ @ €        ~            |      µ    ',
    dead: '^´`',
    deadAltGr: '',
  },
  fr: {
    name: 'French',
    plain: '²&é"\'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:! ',
    shift: ' 1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§ ',
    altGr: '  ~#{[|`\\^@]}  €        ¤                        ',
    dead: '^¨',
    deadAltGr: '',
  },
  es: {
    name: 'Spanish',
    plain: "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.- ",
    shift: 'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_ ',
    altGr: '\\|@#~ ¬        €       []          {}            ',
    dead: '`´^¨',
    deadAltGr: '',
  },
  it: {
    name: 'Italian',
    plain: "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.- ",
    shift: '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_ ',
    altGr: '       {[]}`~  €       []         @#             ',
    dead: '',
    deadAltGr: '',
  },
  br: {
    name: 'Brazilian (ABNT2)',
    plain: "'1234567890-=qwertyuiop´[asdfghjklç~]\\zxcvbnm,.;/",
    shift: '"!@#$%¨&*()_+QWERTYUIOP`{ASDFGHJKLÇ^}|ZXCVBNM<>:?',
    altGr: ' ¹²³£¢¬     §   ®       ª           º            ',
    dead: '´~¨`^',
    deadAltGr: '',
  },
  se: {
    name: 'Swedish',
    plain: "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.- ",
    shift: '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_ ',
    altGr: '  @£$  {[]}\\   €        ~            |      µ    ',
    dead: '´`¨^',
    deadAltGr: '~',
  },
} as const satisfies Record<string, KeyboardLayout>;

export type LayoutName = keyof typeof KEYBOARD_LAYOUTS;

function letters(row: string): string[] {
  return Array.from(row, (letter) => `Key${letter}`);
}
