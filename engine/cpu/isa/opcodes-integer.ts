// The integer and system instructions as data: one line an encoding.
//
//   [prefix.]opcode[/digit][m|r]  MNEMONIC  operands
//
// prefix: np none of 66 F3 F2, or 66, f3, f2 where it selects the instruction. /digit: ModRM.reg. m, r: memory or register
// form only. Operands as in Intel SDM vol. 2 appendix A.2: E G M general and memory through ModRM, R register-only rm,
// S segment, C D control and debug registers, I immediate, J branch, O moffs, Z register in the opcode, A far pointer;
// `needs NAME`: CPUID announces the lines from here on by this feature (features.ts); the table begins with the base set.
// sizes b w d v (16/32/64 by operand size) z (16/32) p (far pointer); sIb sign-extended; fixed registers by name.

export const INTEGER_OPCODES = `
00 ADD Eb,Gb
01 ADD Ev,Gv
02 ADD Gb,Eb
03 ADD Gv,Ev
04 ADD AL,Ib
05 ADD eAX,Iz
06 PUSHSEG ES
07 POPSEG ES
08 OR Eb,Gb
09 OR Ev,Gv
0a OR Gb,Eb
0b OR Gv,Ev
0c OR AL,Ib
0d OR eAX,Iz
0e PUSHSEG CS
10 ADC Eb,Gb
11 ADC Ev,Gv
12 ADC Gb,Eb
13 ADC Gv,Ev
14 ADC AL,Ib
15 ADC eAX,Iz
16 PUSHSEG SS
17 POPSEG_SS SS
18 SBB Eb,Gb
19 SBB Ev,Gv
1a SBB Gb,Eb
1b SBB Gv,Ev
1c SBB AL,Ib
1d SBB eAX,Iz
1e PUSHSEG DS
1f POPSEG DS
20 AND Eb,Gb
21 AND Ev,Gv
22 AND Gb,Eb
23 AND Gv,Ev
24 AND AL,Ib
25 AND eAX,Iz
27 DAA
28 SUB Eb,Gb
29 SUB Ev,Gv
2a SUB Gb,Eb
2b SUB Gv,Ev
2c SUB AL,Ib
2d SUB eAX,Iz
2f DAS
30 XOR Eb,Gb
31 XOR Ev,Gv
32 XOR Gb,Eb
33 XOR Gv,Ev
34 XOR AL,Ib
35 XOR eAX,Iz
37 AAA
38 CMP Eb,Gb
39 CMP Ev,Gv
3a CMP Gb,Eb
3b CMP Gv,Ev
3c CMP AL,Ib
3d CMP eAX,Iz
3f AAS
40+ INC Zv
48+ DEC Zv
50+ PUSH Zv
58+ POP Zv
60 PUSHA
61 POPA
62m BOUND Gv,M
63 ARPL Ew,Gw
68 PUSH Iz
69 IMUL3 Gv,Ev,Iz
6a PUSH sIb
6b IMUL3 Gv,Ev,sIb
6c INS8
6d INS
6e OUTS8
6f OUTS
70 JO Jb
71 JNO Jb
72 JB Jb
73 JAE Jb
74 JE Jb
75 JNE Jb
76 JBE Jb
77 JA Jb
78 JS Jb
79 JNS Jb
7a JP Jb
7b JNP Jb
7c JL Jb
7d JGE Jb
7e JLE Jb
7f JG Jb
80/0 ADD Eb,Ib
80/1 OR Eb,Ib
80/2 ADC Eb,Ib
80/3 SBB Eb,Ib
80/4 AND Eb,Ib
80/5 SUB Eb,Ib
80/6 XOR Eb,Ib
80/7 CMP Eb,Ib
81/0 ADD Ev,Iz
81/1 OR Ev,Iz
81/2 ADC Ev,Iz
81/3 SBB Ev,Iz
81/4 AND Ev,Iz
81/5 SUB Ev,Iz
81/6 XOR Ev,Iz
81/7 CMP Ev,Iz
82/0 ADD Eb,Ib
82/1 OR Eb,Ib
82/2 ADC Eb,Ib
82/3 SBB Eb,Ib
82/4 AND Eb,Ib
82/5 SUB Eb,Ib
82/6 XOR Eb,Ib
82/7 CMP Eb,Ib
83/0 ADD Ev,sIb
83/1 OR Ev,sIb
83/2 ADC Ev,sIb
83/3 SBB Ev,sIb
83/4 AND Ev,sIb
83/5 SUB Ev,sIb
83/6 XOR Ev,sIb
83/7 CMP Ev,sIb
84 TEST Eb,Gb
85 TEST Ev,Gv
86 XCHG Eb,Gb
87 XCHG Ev,Gv
88 MOV Eb,Gb
89 MOV Ev,Gv
8a MOV Gb,Eb
8b MOV Gv,Ev
8cm MOVFROMSEG Ew,Sw
8cr MOVFROMSEG Ev,Sw
8d LEA Gv,M
8e MOVTOSEG Sw,Ew
8f/0 POPE Ev
f3.90 PAUSE
90 NOP
91+7 XCHG Zv,eAX
98 CBW
99 CWD
9a CALLF Ap
9b FWAIT
9c PUSHF
9d POPF
9e SAHF
9f LAHF
a0 MOV AL,Ob
a1 MOV eAX,Ov
a2 MOV Ob,AL
a3 MOV Ov,eAX
a4 MOVS8
a5 MOVS
a6 CMPS8
a7 CMPS
a8 TEST AL,Ib
a9 TEST eAX,Iz
aa STOS8
ab STOS
ac LODS8
ad LODS
ae SCAS8
af SCAS
b0+ MOV Zb,Ib
b8+ MOV Zv,Iv
c0/0 ROL Eb,Ib
c0/1 ROR Eb,Ib
c0/2 RCL Eb,Ib
c0/3 RCR Eb,Ib
c0/4 SHL Eb,Ib
c0/5 SHR Eb,Ib
c0/6 SHL Eb,Ib
c0/7 SAR Eb,Ib
c1/0 ROL Ev,Ib
c1/1 ROR Ev,Ib
c1/2 RCL Ev,Ib
c1/3 RCR Ev,Ib
c1/4 SHL Ev,Ib
c1/5 SHR Ev,Ib
c1/6 SHL Ev,Ib
c1/7 SAR Ev,Ib
c2 RET Iw
c3 RET
c4m LES Gv,M
c5m LDS Gv,M
c6/0 MOV Eb,Ib
c7/0 MOV Ev,Iz
c8 ENTER Iwb
c9 LEAVE
ca RETF Iw
cb RETF
cc INT3
cd INT Ib
ce INTO
cf IRET
d0/0 ROL Eb,1
d0/1 ROR Eb,1
d0/2 RCL Eb,1
d0/3 RCR Eb,1
d0/4 SHL Eb,1
d0/5 SHR Eb,1
d0/6 SHL Eb,1
d0/7 SAR Eb,1
d1/0 ROL Ev,1
d1/1 ROR Ev,1
d1/2 RCL Ev,1
d1/3 RCR Ev,1
d1/4 SHL Ev,1
d1/5 SHR Ev,1
d1/6 SHL Ev,1
d1/7 SAR Ev,1
d2/0 ROL Eb,CL
d2/1 ROR Eb,CL
d2/2 RCL Eb,CL
d2/3 RCR Eb,CL
d2/4 SHL Eb,CL
d2/5 SHR Eb,CL
d2/6 SHL Eb,CL
d2/7 SAR Eb,CL
d3/0 ROL Ev,CL
d3/1 ROR Ev,CL
d3/2 RCL Ev,CL
d3/3 RCR Ev,CL
d3/4 SHL Ev,CL
d3/5 SHR Ev,CL
d3/6 SHL Ev,CL
d3/7 SAR Ev,CL
d4 AAM Ib
d5 AAD Ib
d6 SALC
d7 XLAT
e0 LOOPNE Jb
e1 LOOPE Jb
e2 LOOP Jb
e3 JCXZ Jb
e4 IN AL,Ib
e5 IN eAX,Ib
e6 OUT AL,Ib
e7 OUT eAX,Ib
e8 CALL Jz
e9 JMP Jz
ea JMPF Ap
eb JMP Jb
ec IN AL,DX
ed IN eAX,DX
ee OUT AL,DX
ef OUT eAX,DX
f1 ICEBP
f4 HLT
f5 CMC
f6/0 TEST Eb,Ib
f6/1 TEST Eb,Ib
f6/2 NOT Eb
f6/3 NEG Eb
f6/4 MUL Eb
f6/5 IMUL Eb
f6/6 DIV Eb
f6/7 IDIV Eb
f7/0 TEST Ev,Iz
f7/1 TEST Ev,Iz
f7/2 NOT Ev
f7/3 NEG Ev
f7/4 MUL Ev
f7/5 IMUL Ev
f7/6 DIV Ev
f7/7 IDIV Ev
f8 CLC
f9 STC
fa CLI
fb STI
fc CLD
fd STD
fe/0 INC Eb
fe/1 DEC Eb
ff/0 INC Ev
ff/1 DEC Ev
ff/2 CALLI Ev
ff/3m CALLFM Mp
ff/4 JMPI Ev
ff/5m JMPFM Mp
ff/6 PUSH Ev
0f.00/0m SLDT Mw
0f.00/0r SLDT Ev
0f.00/1m STR Mw
0f.00/1r STR Ev
0f.00/2 LLDT Ew
0f.00/3 LTR Ew
0f.00/4 VERR Ew
0f.00/5 VERW Ew
needs SMAP
np.0f.01=ca CLAC
np.0f.01=cb STAC
needs RDTSCP
0f.01=f9 RDTSCP
needs base
0f.01/0m SGDT M
0f.01/1m SIDT M
0f.01/2m LGDT M
0f.01/3m LIDT M
0f.01/4m SMSW Mw
0f.01/4r SMSW Ev
0f.01/6 LMSW Ew
0f.01/7m INVLPG Mb
0f.02 LAR Gv,Ew
0f.03 LSL Gv,Ew
0f.06 CLTS
0f.08 WBINVD
0f.09 WBINVD
0f.0b UD
0f.0dm NOPE Ev
0f.18 NOPE Ev
0f.19 NOPE Ev
0f.1a NOPE Ev
0f.1b NOPE Ev
0f.1c NOPE Ev
0f.1d NOPE Ev
0f.1e NOPE Ev
0f.1f NOPE Ev
0f.20 MOVFROMCR Rd,Cd
0f.21 MOVFROMDR Rd,Dd
0f.22 MOVTOCR Cd,Rd
0f.23 MOVTODR Dd,Rd
needs MSR
0f.30 WRMSR
0f.32 RDMSR
needs TSC
0f.31 RDTSC
needs base
0f.33 RDPMC
needs SEP
0f.34 SYSENTER
0f.35 SYSEXIT
needs CMOV
0f.40 CMOVO Gv,Ev
0f.41 CMOVNO Gv,Ev
0f.42 CMOVB Gv,Ev
0f.43 CMOVAE Gv,Ev
0f.44 CMOVE Gv,Ev
0f.45 CMOVNE Gv,Ev
0f.46 CMOVBE Gv,Ev
0f.47 CMOVA Gv,Ev
0f.48 CMOVS Gv,Ev
0f.49 CMOVNS Gv,Ev
0f.4a CMOVP Gv,Ev
0f.4b CMOVNP Gv,Ev
0f.4c CMOVL Gv,Ev
0f.4d CMOVGE Gv,Ev
0f.4e CMOVLE Gv,Ev
0f.4f CMOVG Gv,Ev
needs base
0f.80 JO Jz
0f.81 JNO Jz
0f.82 JB Jz
0f.83 JAE Jz
0f.84 JE Jz
0f.85 JNE Jz
0f.86 JBE Jz
0f.87 JA Jz
0f.88 JS Jz
0f.89 JNS Jz
0f.8a JP Jz
0f.8b JNP Jz
0f.8c JL Jz
0f.8d JGE Jz
0f.8e JLE Jz
0f.8f JG Jz
0f.90 SETO Eb
0f.91 SETNO Eb
0f.92 SETB Eb
0f.93 SETAE Eb
0f.94 SETE Eb
0f.95 SETNE Eb
0f.96 SETBE Eb
0f.97 SETA Eb
0f.98 SETS Eb
0f.99 SETNS Eb
0f.9a SETP Eb
0f.9b SETNP Eb
0f.9c SETL Eb
0f.9d SETGE Eb
0f.9e SETLE Eb
0f.9f SETG Eb
0f.a0 PUSHSEG FS
0f.a1 POPSEG FS
0f.a2 CPUID
0f.a3 BT Ev,Gv
0f.a4 SHLD Ev,Gv,Ib
0f.a5 SHLD Ev,Gv,CL
0f.a8 PUSHSEG GS
0f.a9 POPSEG GS
0f.ab BTS Ev,Gv
0f.ac SHRD Ev,Gv,Ib
0f.ad SHRD Ev,Gv,CL
0f.af IMUL2 Gv,Ev
0f.b0 CMPXCHG Eb,Gb
0f.b1 CMPXCHG Ev,Gv
0f.b2m LSS Gv,M
0f.b3 BTR Ev,Gv
0f.b4m LFS Gv,M
0f.b5m LGS Gv,M
0f.b6 MOVZX Gv,Eb
0f.b7 MOVZX Gv,Ew
needs POPCNT
f3.0f.b8 POPCNT Gv,Ev
needs base
0f.b9 UD
0f.ba/4 BT Ev,Ib
0f.ba/5 BTS Ev,Ib
0f.ba/6 BTR Ev,Ib
0f.ba/7 BTC Ev,Ib
0f.bb BTC Ev,Gv
0f.bc BSF Gv,Ev
0f.bd BSR Gv,Ev
0f.be MOVSX Gv,Eb
0f.bf MOVSX Gv,Ew
0f.c0 XADD Eb,Gb
0f.c1 XADD Ev,Gv
needs CX8
0f.c7/1m CMPXCHG8B Mq
needs RDPID
f3.0f.c7/7r RDPID Rd
needs base
0f.c8+ BSWAP Zv
0f.ff UD
`;
