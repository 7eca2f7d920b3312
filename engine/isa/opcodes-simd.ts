// MMX, SSE and SSE2 as data; the form of the lines is that of opcodes-integer.ts. Operands: P Q N are MMX registers through
// ModRM (Q register or memory, N register only), V W U the same for XMM. A W or Q smaller than its register is its low part.
// Source: Intel SDM vol. 2, appendix A.3.

/** Integer instructions that MMX has without prefix and SSE2 with 66. */
const BOTH = `
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
d4 PADDQ
d5 PMULLW
d8 PSUBUSB
d9 PSUBUSW
da PMINUB
db PAND
dc PADDUSB
dd PADDUSW
de PMAXUB
df PANDN
e0 PAVGB
e1 PSRAW
e2 PSRAD
e3 PAVGW
e4 PMULHUW
e5 PMULHW
e8 PSUBSB
e9 PSUBSW
ea PMINSW
eb POR
ec PADDSB
ed PADDSW
ee PMAXSW
ef PXOR
f1 PSLLW
f2 PSLLD
f3 PSLLQ
f4 PMULUDQ
f5 PMADDWD
f6 PSADBW
f8 PSUBB
f9 PSUBW
fa PSUBD
fb PSUBQ
fc PADDB
fd PADDW
fe PADDD
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
np.0f.6e MOVD Pq,Ed
66.0f.6e MOVD Vdq,Ed
np.0f.7e MOVD Ed,Pq
66.0f.7e MOVD Ed,Vdq
np.0f.6f MOVQ Pq,Qq
np.0f.7f MOVQ Qq,Pq
f3.0f.7e MOVQX Vdq,Wq
66.0f.d6 MOVQX Wq,Vdq
f3.0f.d6 MOVQ2DQ Vdq,Nq
f2.0f.d6 MOVDQ2Q Pq,Udq
66.0f.6f MOVDQA Vdq,Wdq
66.0f.7f MOVDQA Wdq,Vdq
f3.0f.6f MOVDQU Vdq,Wdq
f3.0f.7f MOVDQU Wdq,Vdq
np.0f.10 MOVUPS Vps,Wps
66.0f.10 MOVUPD Vpd,Wpd
f3.0f.10 MOVSS Vdq,Wss
f2.0f.10 MOVSD Vdq,Wsd
np.0f.11 MOVUPS Wps,Vps
66.0f.11 MOVUPD Wpd,Vpd
f3.0f.11 MOVSS Wss,Vdq
f2.0f.11 MOVSD Wsd,Vdq
np.0f.12r MOVHLPS Vps,Ups
np.0f.12 MOVLPS Vps,Mq
66.0f.12 MOVLPD Vpd,Mq
np.0f.13 MOVLPS Mq,Vps
66.0f.13 MOVLPD Mq,Vpd
np.0f.16r MOVLHPS Vps,Ups
np.0f.16 MOVHPS Vps,Mq
66.0f.16 MOVHPD Vpd,Mq
np.0f.17 MOVHPS Mq,Vps
66.0f.17 MOVHPD Mq,Vpd
np.0f.28 MOVAPS Vps,Wps
66.0f.28 MOVAPD Vpd,Wpd
np.0f.29 MOVAPS Wps,Vps
66.0f.29 MOVAPD Wpd,Vpd
np.0f.2b MOVNTPS Mps,Vps
66.0f.2b MOVNTPD Mpd,Vpd
np.0f.c3 MOVNTI Md,Gd
np.0f.e7 MOVNTQ Mq,Pq
66.0f.e7 MOVNTDQ Mdq,Vdq
np.0f.50 MOVMSKPS Gd,Ups
66.0f.50 MOVMSKPD Gd,Upd
np.0f.d7 PMOVMSKB Gd,Nq
66.0f.d7 PMOVMSKB Gd,Udq
np.0f.f7 MASKMOVQ Pq,Nq
66.0f.f7 MASKMOVDQU Vdq,Udq
`;

const SHUFFLES = `
np.0f.60 PUNPCKLBW Pq,Qd
np.0f.61 PUNPCKLWD Pq,Qd
np.0f.62 PUNPCKLDQ Pq,Qd
66.0f.60 PUNPCKLBW Vdq,Wdq
66.0f.61 PUNPCKLWD Vdq,Wdq
66.0f.62 PUNPCKLDQ Vdq,Wdq
np.0f.14 UNPCKLPS Vps,Wps
66.0f.14 UNPCKLPD Vpd,Wpd
np.0f.15 UNPCKHPS Vps,Wps
66.0f.15 UNPCKHPD Vpd,Wpd
66.0f.6c PUNPCKLQDQ Vdq,Wdq
66.0f.6d PUNPCKHQDQ Vdq,Wdq
np.0f.70 PSHUFW Pq,Qq,Ib
66.0f.70 PSHUFD Vdq,Wdq,Ib
f3.0f.70 PSHUFHW Vdq,Wdq,Ib
f2.0f.70 PSHUFLW Vdq,Wdq,Ib
np.0f.c4 PINSRW Pq,Ew,Ib
66.0f.c4 PINSRW Vdq,Ew,Ib
np.0f.c5 PEXTRW Gd,Nq,Ib
66.0f.c5 PEXTRW Gd,Udq,Ib
np.0f.c6 SHUFPS Vps,Wps,Ib
66.0f.c6 SHUFPD Vpd,Wpd,Ib
66.0f.73/3 PSRLDQ Udq,Ib
66.0f.73/7 PSLLDQ Udq,Ib
`;

const LOGIC = `
np.0f.54 ANDPS Vps,Wps
66.0f.54 ANDPD Vpd,Wpd
np.0f.55 ANDNPS Vps,Wps
66.0f.55 ANDNPD Vpd,Wpd
np.0f.56 ORPS Vps,Wps
66.0f.56 ORPD Vpd,Wpd
np.0f.57 XORPS Vps,Wps
66.0f.57 XORPD Vpd,Wpd
`;

const CONTROL = `
0f.ae/2m LDMXCSR Md
0f.ae/3m STMXCSR Md
0f.ae/5r FENCE
0f.ae/6r FENCE
0f.ae/7r FENCE
0f.ae/7m CLFLUSH Mb
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
np.0f.c2 CMPPS Vps,Wps,Ib
66.0f.c2 CMPPD Vpd,Wpd,Ib
f3.0f.c2 CMPSS Vdq,Wss,Ib
f2.0f.c2 CMPSD Vdq,Wsd,Ib
np.0f.2e UCOMISS Vdq,Wss
66.0f.2e UCOMISD Vdq,Wsd
np.0f.2f COMISS Vdq,Wss
66.0f.2f COMISD Vdq,Wsd
np.0f.52 RSQRTPS Vps,Wps
f3.0f.52 RSQRTSS Vdq,Wss
np.0f.53 RCPPS Vps,Wps
f3.0f.53 RCPSS Vdq,Wss
`;

const CONVERSIONS = `
np.0f.2a CVTPI2PS Vps,Qq
66.0f.2a CVTPI2PD Vpd,Qq
f3.0f.2a CVTSI2SS Vdq,Ed
f2.0f.2a CVTSI2SD Vdq,Ed
np.0f.2c CVTTPS2PI Pq,Wq
66.0f.2c CVTTPD2PI Pq,Wpd
f3.0f.2c CVTTSS2SI Gd,Wss
f2.0f.2c CVTTSD2SI Gd,Wsd
np.0f.2d CVTPS2PI Pq,Wq
66.0f.2d CVTPD2PI Pq,Wpd
f3.0f.2d CVTSS2SI Gd,Wss
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

const FORMATS = ['np', 'PS Vps,Wps', '66', 'PD Vpd,Wpd', 'f3', 'SS Vdq,Wss', 'f2', 'SD Vdq,Wsd'];

function inFourFormats(opcode: string, mnemonic: string): string {
  const lines: string[] = [];
  for (let i = 0; i < FORMATS.length; i += 2) lines.push(`${FORMATS[i]}.0f.${opcode} ${mnemonic}${FORMATS[i + 1]}`);
  return lines.join('\n');
}

export const SIMD_OPCODES = [
  each(ARITHMETIC, inFourFormats),
  COMPARISONS,
  CONVERSIONS,
  CONTROL,
  each(BOTH, (opcode, mnemonic) => `np.0f.${opcode} ${mnemonic} Pq,Qq\n66.0f.${opcode} ${mnemonic} Vdq,Wdq`),
  each(IMMEDIATE_SHIFTS, (opcode, mnemonic) => `np.0f.${opcode} ${mnemonic} Nq,Ib\n66.0f.${opcode} ${mnemonic} Udq,Ib`),
  MOVES,
  SHUFFLES,
  LOGIC,
].join('\n');
