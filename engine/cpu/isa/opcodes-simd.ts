// MMX, SSE and SSE2 as data; the form of the lines is that of opcodes-integer.ts. Operands: P Q N are MMX registers through
// ModRM (Q register or memory, N register only), V W U the same for XMM. A W or Q smaller than its register is its low part.
// MMX's own come first in each list, then what SSE and SSE2 have added (`needs`).
// Source: Intel SDM vol. 2, appendix A.3.

/** Integer instructions of MMX without prefix, of SSE2 with 66. */
const MMX_BOTH = `
63 PACKSSWB
64 PCMPGTB
65 PCMPGTW
66 PCMPGTD
67 PACKUSWB
68 PUNPCKHBW
69 PUNPCKHWD
6a PUNPCKHDQ
6b PACKSSDW
74 PCMPEQB
75 PCMPEQW
76 PCMPEQD
d1 PSRLW
d2 PSRLD
d3 PSRLQ
d5 PMULLW
d8 PSUBUSB
d9 PSUBUSW
db PAND
dc PADDUSB
dd PADDUSW
df PANDN
e1 PSRAW
e2 PSRAD
e5 PMULHW
e8 PSUBSB
e9 PSUBSW
eb POR
ec PADDSB
ed PADDSW
ef PXOR
f1 PSLLW
f2 PSLLD
f3 PSLLQ
f5 PMADDWD
f8 PSUBB
f9 PSUBW
fa PSUBD
fc PADDB
fd PADDW
fe PADDD
`;

/** The same, on MMX registers since SSE. */
const SSE_BOTH = `
da PMINUB
de PMAXUB
e0 PAVGB
e3 PAVGW
e4 PMULHUW
ea PMINSW
ee PMAXSW
f6 PSADBW
`;

/** The same, on MMX registers since SSE2. */
const SSE2_BOTH = `
d4 PADDQ
f4 PMULUDQ
fb PSUBQ
`;

const IMMEDIATE_SHIFTS = `
71/2 PSRLW
71/4 PSRAW
71/6 PSLLW
72/2 PSRLD
72/4 PSRAD
72/6 PSLLD
73/2 PSRLQ
73/6 PSLLQ
`;

function each(lines: string, expand: (opcode: string, mnemonic: string) => string): string {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [opcode = '', mnemonic = ''] = line.split(' ');
      return expand(opcode, mnemonic);
    })
    .join('\n');
}

const MOVES = `
needs MMX
np.0f.6e MOVD Pq,Ed
np.0f.7e MOVD Ed,Pq
np.0f.6f MOVQ Pq,Qq
np.0f.7f MOVQ Qq,Pq
needs SSE
np.0f.10 MOVUPS Vps,Wps
f3.0f.10 MOVSS Vdq,Wss
np.0f.11 MOVUPS Wps,Vps
f3.0f.11 MOVSS Wss,Vdq
np.0f.12r MOVHLPS Vps,Ups
np.0f.12 MOVLPS Vps,Mq
np.0f.13 MOVLPS Mq,Vps
np.0f.16r MOVLHPS Vps,Ups
np.0f.16 MOVHPS Vps,Mq
np.0f.17 MOVHPS Mq,Vps
np.0f.28 MOVAPS Vps,Wps
np.0f.29 MOVAPS Wps,Vps
np.0f.2b MOVNTPS Mps,Vps
np.0f.e7 MOVNTQ Mq,Pq
np.0f.50 MOVMSKPS Gd,Ups
np.0f.d7 PMOVMSKB Gd,Nq
np.0f.f7 MASKMOVQ Pq,Nq
needs SSE2
66.0f.6e MOVD Vdq,Ed
66.0f.7e MOVD Ed,Vdq
f3.0f.7e MOVQX Vdq,Wq
66.0f.d6 MOVQX Wq,Vdq
f3.0f.d6 MOVQ2DQ Vdq,Nq
f2.0f.d6 MOVDQ2Q Pq,Udq
66.0f.6f MOVDQA Vdq,Wdq
66.0f.7f MOVDQA Wdq,Vdq
f3.0f.6f MOVDQU Vdq,Wdq
f3.0f.7f MOVDQU Wdq,Vdq
66.0f.10 MOVUPD Vpd,Wpd
f2.0f.10 MOVSD Vdq,Wsd
66.0f.11 MOVUPD Wpd,Vpd
f2.0f.11 MOVSD Wsd,Vdq
66.0f.12 MOVLPD Vpd,Mq
66.0f.13 MOVLPD Mq,Vpd
66.0f.16 MOVHPD Vpd,Mq
66.0f.17 MOVHPD Mq,Vpd
66.0f.28 MOVAPD Vpd,Wpd
66.0f.29 MOVAPD Wpd,Vpd
66.0f.2b MOVNTPD Mpd,Vpd
np.0f.c3 MOVNTI Md,Gd
66.0f.e7 MOVNTDQ Mdq,Vdq
66.0f.50 MOVMSKPD Gd,Upd
66.0f.d7 PMOVMSKB Gd,Udq
66.0f.f7 MASKMOVDQU Vdq,Udq
`;

const SHUFFLES = `
needs SSE
np.0f.60 PUNPCKLBW Pq,Qd
np.0f.61 PUNPCKLWD Pq,Qd
np.0f.62 PUNPCKLDQ Pq,Qd
np.0f.14 UNPCKLPS Vps,Wps
np.0f.15 UNPCKHPS Vps,Wps
np.0f.70 PSHUFW Pq,Qq,Ib
np.0f.c4 PINSRW Pq,Ew,Ib
np.0f.c5 PEXTRW Gd,Nq,Ib
np.0f.c6 SHUFPS Vps,Wps,Ib
needs SSE2
66.0f.60 PUNPCKLBW Vdq,Wdq
66.0f.61 PUNPCKLWD Vdq,Wdq
66.0f.62 PUNPCKLDQ Vdq,Wdq
66.0f.14 UNPCKLPD Vpd,Wpd
66.0f.15 UNPCKHPD Vpd,Wpd
66.0f.6c PUNPCKLQDQ Vdq,Wdq
66.0f.6d PUNPCKHQDQ Vdq,Wdq
66.0f.70 PSHUFD Vdq,Wdq,Ib
f3.0f.70 PSHUFHW Vdq,Wdq,Ib
f2.0f.70 PSHUFLW Vdq,Wdq,Ib
66.0f.c4 PINSRW Vdq,Ew,Ib
66.0f.c5 PEXTRW Gd,Udq,Ib
66.0f.c6 SHUFPD Vpd,Wpd,Ib
66.0f.73/3 PSRLDQ Udq,Ib
66.0f.73/7 PSLLDQ Udq,Ib
`;

const LOGIC = `
needs SSE
np.0f.54 ANDPS Vps,Wps
np.0f.55 ANDNPS Vps,Wps
np.0f.56 ORPS Vps,Wps
np.0f.57 XORPS Vps,Wps
needs SSE2
66.0f.54 ANDPD Vpd,Wpd
66.0f.55 ANDNPD Vpd,Wpd
66.0f.56 ORPD Vpd,Wpd
66.0f.57 XORPD Vpd,Wpd
`;

const CONTROL = `
needs SSE
np.0f.ae/2m LDMXCSR Md
np.0f.ae/3m STMXCSR Md
np.0f.ae/7r FENCE
needs SSE2
np.0f.ae/5r FENCE
np.0f.ae/6r FENCE
needs CLFSH
np.0f.ae/7m CLFLUSH Mb
`;

/** Arithmetic in four formats: without prefix PS, 66 PD, F3 SS, F2 SD. */
const ARITHMETIC = `
51 SQRT
58 ADD
59 MUL
5c SUB
5d MIN
5e DIV
5f MAX
`;

const COMPARISONS = `
needs SSE
np.0f.c2 CMPPS Vps,Wps,Ib
f3.0f.c2 CMPSS Vdq,Wss,Ib
np.0f.2e UCOMISS Vdq,Wss
np.0f.2f COMISS Vdq,Wss
np.0f.52 RSQRTPS Vps,Wps
f3.0f.52 RSQRTSS Vdq,Wss
np.0f.53 RCPPS Vps,Wps
f3.0f.53 RCPSS Vdq,Wss
needs SSE2
66.0f.c2 CMPPD Vpd,Wpd,Ib
f2.0f.c2 CMPSD Vdq,Wsd,Ib
66.0f.2e UCOMISD Vdq,Wsd
66.0f.2f COMISD Vdq,Wsd
`;

const CONVERSIONS = `
needs SSE
np.0f.2a CVTPI2PS Vps,Qq
f3.0f.2a CVTSI2SS Vdq,Ed
np.0f.2c CVTTPS2PI Pq,Wq
f3.0f.2c CVTTSS2SI Gd,Wss
np.0f.2d CVTPS2PI Pq,Wq
f3.0f.2d CVTSS2SI Gd,Wss
needs SSE2
66.0f.2a CVTPI2PD Vpd,Qq
f2.0f.2a CVTSI2SD Vdq,Ed
66.0f.2c CVTTPD2PI Pq,Wpd
f2.0f.2c CVTTSD2SI Gd,Wsd
66.0f.2d CVTPD2PI Pq,Wpd
f2.0f.2d CVTSD2SI Gd,Wsd
np.0f.5a CVTPS2PD Vpd,Wq
66.0f.5a CVTPD2PS Vps,Wpd
f3.0f.5a CVTSS2SD Vdq,Wss
f2.0f.5a CVTSD2SS Vdq,Wsd
np.0f.5b CVTDQ2PS Vps,Wdq
66.0f.5b CVTPS2DQ Vdq,Wps
f3.0f.5b CVTTPS2DQ Vdq,Wps
66.0f.e6 CVTTPD2DQ Vdq,Wpd
f3.0f.e6 CVTDQ2PD Vpd,Wq
f2.0f.e6 CVTPD2DQ Vdq,Wpd
`;

/** The lines of one feature. */
function needs(feature: string, lines: string): string {
  return `needs ${feature}\n${lines}`;
}

function inFormats(...formats: readonly (readonly [prefix: string, suffix: string])[]) {
  return (opcode: string, mnemonic: string): string =>
    formats.map(([prefix, suffix]) => `${prefix}.0f.${opcode} ${mnemonic}${suffix}`).join('\n');
}

/** Integer instructions: `mmx` has the form on MMX registers, SSE2 that on XMM registers. */
function both(mmx: string, lines: string): string[] {
  return [
    needs(
      mmx,
      each(lines, (opcode, mnemonic) => `np.0f.${opcode} ${mnemonic} Pq,Qq`),
    ),
    needs(
      'SSE2',
      each(lines, (opcode, mnemonic) => `66.0f.${opcode} ${mnemonic} Vdq,Wdq`),
    ),
  ];
}

export const SIMD_OPCODES = [
  needs('SSE', each(ARITHMETIC, inFormats(['np', 'PS Vps,Wps'], ['f3', 'SS Vdq,Wss']))),
  needs('SSE2', each(ARITHMETIC, inFormats(['66', 'PD Vpd,Wpd'], ['f2', 'SD Vdq,Wsd']))),
  COMPARISONS,
  CONVERSIONS,
  CONTROL,
  ...both('MMX', MMX_BOTH),
  ...both('SSE', SSE_BOTH),
  ...both('SSE2', SSE2_BOTH),
  needs(
    'MMX',
    each(IMMEDIATE_SHIFTS, (opcode, mnemonic) => `np.0f.${opcode} ${mnemonic} Nq,Ib`),
  ),
  needs(
    'SSE2',
    each(IMMEDIATE_SHIFTS, (opcode, mnemonic) => `66.0f.${opcode} ${mnemonic} Udq,Ib`),
  ),
  MOVES,
  SHUFFLES,
  LOGIC,
].join('\n');
