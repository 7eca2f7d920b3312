// SSE3, SSSE3, SSE4.1 and SSE4.2 as data, in the form of opcodes-simd.ts. Source: Intel SDM vol. 2, appendix A.3, A.4.

const SSE3 = `
needs SSE3
66.0f.d0 ADDSUBPD Vpd,Wpd
f2.0f.d0 ADDSUBPS Vps,Wps
66.0f.7c HADDPD Vpd,Wpd
f2.0f.7c HADDPS Vps,Wps
66.0f.7d HSUBPD Vpd,Wpd
f2.0f.7d HSUBPS Vps,Wps
f3.0f.12 MOVSLDUP Vps,Wps
f3.0f.16 MOVSHDUP Vps,Wps
f2.0f.12 MOVDDUP Vdq,Wq
f2.0f.f0 LDDQU Vdq,Mdq
`;

/** 0F 38, MMX registers without prefix, XMM with 66. */
const SSSE3 = `
00 PSHUFB
01 PHADDW
02 PHADDD
03 PHADDSW
04 PMADDUBSW
05 PHSUBW
06 PHSUBD
07 PHSUBSW
08 PSIGNB
09 PSIGNW
0a PSIGND
0b PMULHRSW
1c PABSB
1d PABSW
1e PABSD
`
  .trim()
  .split('\n')
  .map((line) => {
    const [opcode, mnemonic] = line.split(' ');
    return `np.0f.38.${opcode} ${mnemonic} Pq,Qq\n66.0f.38.${opcode} ${mnemonic} Vdq,Wdq`;
  })
  .join('\n');

const SSE4 = `
needs SSSE3
np.0f.3a.0f PALIGNR Pq,Qq,Ib
66.0f.3a.0f PALIGNR Vdq,Wdq,Ib
needs SSE4_1
66.0f.38.10 PBLENDVB Vdq,Wdq
66.0f.38.14 BLENDVPS Vps,Wps
66.0f.38.15 BLENDVPD Vpd,Wpd
66.0f.38.17 PTEST Vdq,Wdq
66.0f.38.20 PMOVSXBW Vdq,Wq
66.0f.38.21 PMOVSXBD Vdq,Wd
66.0f.38.22 PMOVSXBQ Vdq,Ww
66.0f.38.23 PMOVSXWD Vdq,Wq
66.0f.38.24 PMOVSXWQ Vdq,Wd
66.0f.38.25 PMOVSXDQ Vdq,Wq
66.0f.38.28 PMULDQ Vdq,Wdq
66.0f.38.29 PCMPEQQ Vdq,Wdq
66.0f.38.2a MOVNTDQA Vdq,Mdq
66.0f.38.2b PACKUSDW Vdq,Wdq
66.0f.38.30 PMOVZXBW Vdq,Wq
66.0f.38.31 PMOVZXBD Vdq,Wd
66.0f.38.32 PMOVZXBQ Vdq,Ww
66.0f.38.33 PMOVZXWD Vdq,Wq
66.0f.38.34 PMOVZXWQ Vdq,Wd
66.0f.38.35 PMOVZXDQ Vdq,Wq
66.0f.38.38 PMINSB Vdq,Wdq
66.0f.38.39 PMINSD Vdq,Wdq
66.0f.38.3a PMINUW Vdq,Wdq
66.0f.38.3b PMINUD Vdq,Wdq
66.0f.38.3c PMAXSB Vdq,Wdq
66.0f.38.3d PMAXSD Vdq,Wdq
66.0f.38.3e PMAXUW Vdq,Wdq
66.0f.38.3f PMAXUD Vdq,Wdq
66.0f.38.40 PMULLD Vdq,Wdq
66.0f.38.41 PHMINPOSUW Vdq,Wdq
66.0f.3a.08 ROUNDPS Vps,Wps,Ib
66.0f.3a.09 ROUNDPD Vpd,Wpd,Ib
66.0f.3a.0a ROUNDSS Vdq,Wss,Ib
66.0f.3a.0b ROUNDSD Vdq,Wsd,Ib
66.0f.3a.0c BLENDPS Vps,Wps,Ib
66.0f.3a.0d BLENDPD Vpd,Wpd,Ib
66.0f.3a.0e PBLENDW Vdq,Wdq,Ib
66.0f.3a.14m PEXTRB Mb,Vdq,Ib
66.0f.3a.14r PEXTRB Ed,Vdq,Ib
66.0f.3a.15m PEXTRW Mw,Vdq,Ib
66.0f.3a.15r PEXTRW Ed,Vdq,Ib
66.0f.3a.16 PEXTRD Ed,Vdq,Ib
66.0f.3a.17 EXTRACTPS Ed,Vdq,Ib
66.0f.3a.20m PINSRB Vdq,Mb,Ib
66.0f.3a.20r PINSRB Vdq,Ed,Ib
66.0f.3a.21m INSERTPS Vdq,Md,Ib
66.0f.3a.21r INSERTPS Vdq,Udq,Ib
66.0f.3a.22 PINSRD Vdq,Ed,Ib
66.0f.3a.40 DPPS Vps,Wps,Ib
66.0f.3a.41 DPPD Vpd,Wpd,Ib
66.0f.3a.42 MPSADBW Vdq,Wdq,Ib
needs SSE4_2
66.0f.38.37 PCMPGTQ Vdq,Wdq
66.0f.3a.60 PCMPESTRM Vdq,Wdq,Ib
66.0f.3a.61 PCMPESTRI Vdq,Wdq,Ib
66.0f.3a.62 PCMPISTRM Vdq,Wdq,Ib
66.0f.3a.63 PCMPISTRI Vdq,Wdq,Ib
f2.0f.38.f0 CRC32 Gd,Eb
f2.0f.38.f1 CRC32 Gd,Ev
`;

export const SIMD_EXTENSION_OPCODES = [SSE3, 'needs SSSE3', SSSE3, SSE4].join('\n');
