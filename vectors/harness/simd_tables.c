// The SIMD instructions up to SSE4.2 and POPCNT. Left out: RCPPS, RSQRTPS and their scalar forms, whose results are
// approximations that differ between processors, and what belongs to the system (FXSAVE, CLFLUSH, MONITOR).
#include "simd.h"

// Integer instructions that MMX has without and SSE2 with the prefix 66h.
#define BOTH(X)                                                                                                       \
  X("packsswb", 0x63) X("packssdw", 0x6b) X("packuswb", 0x67) X("paddb", 0xfc) X("paddw", 0xfd) X("paddd", 0xfe)       \
  X("paddq", 0xd4) X("paddsb", 0xec) X("paddsw", 0xed) X("paddusb", 0xdc) X("paddusw", 0xdd) X("pand", 0xdb)           \
  X("pandn", 0xdf) X("por", 0xeb) X("pxor", 0xef) X("pcmpeqb", 0x74) X("pcmpeqw", 0x75) X("pcmpeqd", 0x76)             \
  X("pcmpgtb", 0x64) X("pcmpgtw", 0x65) X("pcmpgtd", 0x66) X("pmaddwd", 0xf5) X("pmulhw", 0xe5) X("pmullw", 0xd5)      \
  X("pmulhuw", 0xe4) X("pmuludq", 0xf4) X("psubb", 0xf8) X("psubw", 0xf9) X("psubd", 0xfa) X("psubq", 0xfb)            \
  X("psubsb", 0xe8) X("psubsw", 0xe9) X("psubusb", 0xd8) X("psubusw", 0xd9) X("punpckhbw", 0x68) X("punpckhwd", 0x69)  \
  X("punpckhdq", 0x6a) X("pavgb", 0xe0) X("pavgw", 0xe3) X("pmaxsw", 0xee) X("pmaxub", 0xde) X("pminsw", 0xea)         \
  X("pminub", 0xda) X("psadbw", 0xf6)
#define SHIFTS(X)                                                                                                  \
  X("psllw", 0xf1) X("pslld", 0xf2) X("psllq", 0xf3) X("psraw", 0xe1) X("psrad", 0xe2) X("psrlw", 0xd1) X("psrld", 0xd2) \
  X("psrlq", 0xd3)
#define IMMEDIATE_SHIFTS(X)                                                                                          \
  X("psllw", 0x71, 6) X("pslld", 0x72, 6) X("psllq", 0x73, 6) X("psraw", 0x71, 4) X("psrad", 0x72, 4) X("psrlw", 0x71, 2) \
  X("psrld", 0x72, 2) X("psrlq", 0x73, 2)

#define MMX_OP(name, opcode) {name, 0, 1, {opcode}, M, M, 8, INTEGERS, 0, 0},
#define MMX_SHIFT(name, opcode) {name, 0, 1, {opcode}, M, M, 8, INTEGERS, SHIFT_COUNT, 0},
#define MMX_SHIFT_I(name, opcode, digit) {name, 0, 1, {opcode}, DIGIT, M, 0, INTEGERS, FROM_REGISTER | IMMEDIATE, digit},
#define SSE_OP(name, opcode) {name, 0x66, 1, {opcode}, X, X, 16, INTEGERS, 0, 0},
#define SSE_SHIFT(name, opcode) {name, 0x66, 1, {opcode}, X, X, 16, INTEGERS, SHIFT_COUNT, 0},
#define SSE_SHIFT_I(name, opcode, digit) \
  {name, 0x66, 1, {opcode}, DIGIT, X, 0, INTEGERS, FROM_REGISTER | IMMEDIATE, digit},

static const struct simd_instruction mmx[] = {
    BOTH(MMX_OP) SHIFTS(MMX_SHIFT) IMMEDIATE_SHIFTS(MMX_SHIFT_I)
    {"punpcklbw", 0, 1, {0x60}, M, M, 4, INTEGERS, 0, 0},
    {"punpcklwd", 0, 1, {0x61}, M, M, 4, INTEGERS, 0, 0},
    {"punpckldq", 0, 1, {0x62}, M, M, 4, INTEGERS, 0, 0},
    {"movd", 0, 1, {0x6e}, M, R, 4, INTEGERS, 0, 0},
    {"movd", 0, 1, {0x7e}, M, R, 4, INTEGERS, STORE, 0},
    {"movq", 0, 1, {0x6f}, M, M, 8, INTEGERS, 0, 0},
    {"movq", 0, 1, {0x7f}, M, M, 8, INTEGERS, STORE, 0},
    {"movntq", 0, 1, {0xe7}, M, M, 8, INTEGERS, STORE | FROM_MEMORY, 0},
    {"pshufw", 0, 1, {0x70}, M, M, 8, INTEGERS, IMMEDIATE, 0},
    {"pinsrw", 0, 1, {0xc4}, M, R, 2, INTEGERS, IMMEDIATE, 0},
    {"pextrw", 0, 1, {0xc5}, R, M, 0, INTEGERS, FROM_REGISTER | IMMEDIATE, 0},
    {"pmovmskb", 0, 1, {0xd7}, R, M, 0, INTEGERS, FROM_REGISTER, 0},
    {"emms", 0, 1, {0x77}, NO_REGISTER, NO_REGISTER, 0, INTEGERS, FROM_REGISTER, 0},
    {"maskmovq", 0, 1, {0xf7}, M, M, 0, INTEGERS, FROM_REGISTER | TO_EDI, 0},
};

static const struct simd_instruction sse_integer[] = {
    BOTH(SSE_OP) SHIFTS(SSE_SHIFT) IMMEDIATE_SHIFTS(SSE_SHIFT_I)
    SSE_OP("punpcklbw", 0x60) SSE_OP("punpcklwd", 0x61) SSE_OP("punpckldq", 0x62) SSE_OP("punpcklqdq", 0x6c)
    SSE_OP("punpckhqdq", 0x6d) SSE_SHIFT_I("pslldq", 0x73, 7) SSE_SHIFT_I("psrldq", 0x73, 3)
    {"movd", 0x66, 1, {0x6e}, X, R, 4, INTEGERS, 0, 0},
    {"movd", 0x66, 1, {0x7e}, X, R, 4, INTEGERS, STORE, 0},
    {"movq", 0xf3, 1, {0x7e}, X, X, 8, INTEGERS, 0, 0},
    {"movq", 0x66, 1, {0xd6}, X, X, 8, INTEGERS, STORE, 0},
    {"movdqa", 0x66, 1, {0x6f}, X, X, 16, INTEGERS, 0, 0},
    {"movdqa", 0x66, 1, {0x7f}, X, X, 16, INTEGERS, STORE, 0},
    {"movdqu", 0xf3, 1, {0x6f}, X, X, 16, INTEGERS, UNALIGNED, 0},
    {"movdqu", 0xf3, 1, {0x7f}, X, X, 16, INTEGERS, STORE | UNALIGNED, 0},
    {"movntdq", 0x66, 1, {0xe7}, X, X, 16, INTEGERS, STORE | FROM_MEMORY, 0},
    {"movnti", 0, 1, {0xc3}, R, R, 4, INTEGERS, STORE | FROM_MEMORY, 0},
    {"movq2dq", 0xf3, 1, {0xd6}, X, M, 0, INTEGERS, FROM_REGISTER, 0},
    {"movdq2q", 0xf2, 1, {0xd6}, M, X, 0, INTEGERS, FROM_REGISTER, 0},
    {"pshufd", 0x66, 1, {0x70}, X, X, 16, INTEGERS, IMMEDIATE, 0},
    {"pshufhw", 0xf3, 1, {0x70}, X, X, 16, INTEGERS, IMMEDIATE, 0},
    {"pshuflw", 0xf2, 1, {0x70}, X, X, 16, INTEGERS, IMMEDIATE, 0},
    {"pinsrw", 0x66, 1, {0xc4}, X, R, 2, INTEGERS, IMMEDIATE, 0},
    {"pextrw", 0x66, 1, {0xc5}, R, X, 0, INTEGERS, FROM_REGISTER | IMMEDIATE, 0},
    {"pmovmskb", 0x66, 1, {0xd7}, R, X, 0, INTEGERS, FROM_REGISTER, 0},
    {"maskmovdqu", 0x66, 1, {0xf7}, X, X, 0, INTEGERS, FROM_REGISTER | TO_EDI, 0},
};

static const struct simd_instruction sse_move[] = {
    {"movups", 0, 1, {0x10}, X, X, 16, FLOATS, UNALIGNED, 0},
    {"movups", 0, 1, {0x11}, X, X, 16, FLOATS, STORE | UNALIGNED, 0},
    {"movupd", 0x66, 1, {0x10}, X, X, 16, DOUBLES, UNALIGNED, 0},
    {"movupd", 0x66, 1, {0x11}, X, X, 16, DOUBLES, STORE | UNALIGNED, 0},
    {"movss", 0xf3, 1, {0x10}, X, X, 4, FLOATS, 0, 0},
    {"movss", 0xf3, 1, {0x11}, X, X, 4, FLOATS, STORE, 0},
    {"movsd", 0xf2, 1, {0x10}, X, X, 8, DOUBLES, 0, 0},
    {"movsd", 0xf2, 1, {0x11}, X, X, 8, DOUBLES, STORE, 0},
    {"movlps/movhlps", 0, 1, {0x12}, X, X, 8, FLOATS, 0, 0},
    {"movlps", 0, 1, {0x13}, X, X, 8, FLOATS, STORE | FROM_MEMORY, 0},
    {"movhps/movlhps", 0, 1, {0x16}, X, X, 8, FLOATS, 0, 0},
    {"movhps", 0, 1, {0x17}, X, X, 8, FLOATS, STORE | FROM_MEMORY, 0},
    {"movlpd", 0x66, 1, {0x12}, X, X, 8, DOUBLES, FROM_MEMORY, 0},
    {"movlpd", 0x66, 1, {0x13}, X, X, 8, DOUBLES, STORE | FROM_MEMORY, 0},
    {"movhpd", 0x66, 1, {0x16}, X, X, 8, DOUBLES, FROM_MEMORY, 0},
    {"movhpd", 0x66, 1, {0x17}, X, X, 8, DOUBLES, STORE | FROM_MEMORY, 0},
    {"movaps", 0, 1, {0x28}, X, X, 16, FLOATS, 0, 0},
    {"movaps", 0, 1, {0x29}, X, X, 16, FLOATS, STORE, 0},
    {"movapd", 0x66, 1, {0x28}, X, X, 16, DOUBLES, 0, 0},
    {"movapd", 0x66, 1, {0x29}, X, X, 16, DOUBLES, STORE, 0},
    {"movntps", 0, 1, {0x2b}, X, X, 16, FLOATS, STORE | FROM_MEMORY, 0},
    {"movntpd", 0x66, 1, {0x2b}, X, X, 16, DOUBLES, STORE | FROM_MEMORY, 0},
    {"movmskps", 0, 1, {0x50}, R, X, 0, FLOATS, FROM_REGISTER, 0},
    {"movmskpd", 0x66, 1, {0x50}, R, X, 0, DOUBLES, FROM_REGISTER, 0},
    {"andps", 0, 1, {0x54}, X, X, 16, FLOATS, 0, 0},
    {"andpd", 0x66, 1, {0x54}, X, X, 16, DOUBLES, 0, 0},
    {"andnps", 0, 1, {0x55}, X, X, 16, FLOATS, 0, 0},
    {"andnpd", 0x66, 1, {0x55}, X, X, 16, DOUBLES, 0, 0},
    {"orps", 0, 1, {0x56}, X, X, 16, FLOATS, 0, 0},
    {"orpd", 0x66, 1, {0x56}, X, X, 16, DOUBLES, 0, 0},
    {"xorps", 0, 1, {0x57}, X, X, 16, FLOATS, 0, 0},
    {"xorpd", 0x66, 1, {0x57}, X, X, 16, DOUBLES, 0, 0},
    {"shufps", 0, 1, {0xc6}, X, X, 16, FLOATS, IMMEDIATE, 0},
    {"shufpd", 0x66, 1, {0xc6}, X, X, 16, DOUBLES, IMMEDIATE, 0},
    {"unpcklps", 0, 1, {0x14}, X, X, 16, FLOATS, 0, 0},
    {"unpcklpd", 0x66, 1, {0x14}, X, X, 16, DOUBLES, 0, 0},
    {"unpckhps", 0, 1, {0x15}, X, X, 16, FLOATS, 0, 0},
    {"unpckhpd", 0x66, 1, {0x15}, X, X, 16, DOUBLES, 0, 0},
    {"lfence", 0, 2, {0xae, 0xe8}, NO_REGISTER, NO_REGISTER, 0, INTEGERS, FROM_REGISTER, 0},
    {"mfence", 0, 2, {0xae, 0xf0}, NO_REGISTER, NO_REGISTER, 0, INTEGERS, FROM_REGISTER, 0},
    {"sfence", 0, 2, {0xae, 0xf8}, NO_REGISTER, NO_REGISTER, 0, INTEGERS, FROM_REGISTER, 0},
    {"prefetchnta", 0, 1, {0x18}, DIGIT, R, 1, INTEGERS, FROM_MEMORY, 0},
};

// ps, ss, pd, sd of one opcode.
#define FOUR(name, opcode, traits)                                                                            \
  {name "ps", 0, 1, {opcode}, X, X, 16, FLOATS, traits, 0}, {name "ss", 0xf3, 1, {opcode}, X, X, 4, FLOATS, traits, 0}, \
      {name "pd", 0x66, 1, {opcode}, X, X, 16, DOUBLES, traits, 0},                                            \
      {name "sd", 0xf2, 1, {opcode}, X, X, 8, DOUBLES, traits, 0},

static const struct simd_instruction sse_float[] = {
    FOUR("add", 0x58, 0) FOUR("mul", 0x59, 0) FOUR("sub", 0x5c, 0) FOUR("min", 0x5d, 0) FOUR("div", 0x5e, 0)
    FOUR("max", 0x5f, 0) FOUR("sqrt", 0x51, 0) FOUR("cmp", 0xc2, IMMEDIATE | PREDICATE)
    {"ucomiss", 0, 1, {0x2e}, X, X, 4, FLOATS, SETS_FLAGS, 0},
    {"comiss", 0, 1, {0x2f}, X, X, 4, FLOATS, SETS_FLAGS, 0},
    {"ucomisd", 0x66, 1, {0x2e}, X, X, 8, DOUBLES, SETS_FLAGS, 0},
    {"comisd", 0x66, 1, {0x2f}, X, X, 8, DOUBLES, SETS_FLAGS, 0},
};

#define WHOLE WHOLE_NUMBERS
static const struct simd_instruction sse_convert[] = {
    {"cvtpi2ps", 0, 1, {0x2a}, X, M, 8, INTEGERS, 0, 0},
    {"cvtsi2ss", 0xf3, 1, {0x2a}, X, R, 4, INTEGERS, 0, 0},
    {"cvtpi2pd", 0x66, 1, {0x2a}, X, M, 8, INTEGERS, 0, 0},
    {"cvtsi2sd", 0xf2, 1, {0x2a}, X, R, 4, INTEGERS, 0, 0},
    {"cvtps2pi", 0, 1, {0x2d}, M, X, 8, FLOATS, WHOLE, 0},
    {"cvttps2pi", 0, 1, {0x2c}, M, X, 8, FLOATS, WHOLE, 0},
    {"cvtss2si", 0xf3, 1, {0x2d}, R, X, 4, FLOATS, WHOLE, 0},
    {"cvttss2si", 0xf3, 1, {0x2c}, R, X, 4, FLOATS, WHOLE, 0},
    {"cvtpd2pi", 0x66, 1, {0x2d}, M, X, 16, DOUBLES, WHOLE, 0},
    {"cvttpd2pi", 0x66, 1, {0x2c}, M, X, 16, DOUBLES, WHOLE, 0},
    {"cvtsd2si", 0xf2, 1, {0x2d}, R, X, 8, DOUBLES, WHOLE, 0},
    {"cvttsd2si", 0xf2, 1, {0x2c}, R, X, 8, DOUBLES, WHOLE, 0},
    {"cvtps2pd", 0, 1, {0x5a}, X, X, 8, FLOATS, 0, 0},
    {"cvtpd2ps", 0x66, 1, {0x5a}, X, X, 16, DOUBLES, 0, 0},
    {"cvtss2sd", 0xf3, 1, {0x5a}, X, X, 4, FLOATS, 0, 0},
    {"cvtsd2ss", 0xf2, 1, {0x5a}, X, X, 8, DOUBLES, 0, 0},
    {"cvtdq2ps", 0, 1, {0x5b}, X, X, 16, INTEGERS, 0, 0},
    {"cvtps2dq", 0x66, 1, {0x5b}, X, X, 16, FLOATS, WHOLE, 0},
    {"cvttps2dq", 0xf3, 1, {0x5b}, X, X, 16, FLOATS, WHOLE, 0},
    {"cvttpd2dq", 0x66, 1, {0xe6}, X, X, 16, DOUBLES, WHOLE, 0},
    {"cvtdq2pd", 0xf3, 1, {0xe6}, X, X, 8, INTEGERS, 0, 0},
    {"cvtpd2dq", 0xf2, 1, {0xe6}, X, X, 16, DOUBLES, WHOLE, 0},
};

static const struct simd_instruction sse3[] = {
    {"addsubps", 0xf2, 1, {0xd0}, X, X, 16, FLOATS, 0, 0},
    {"addsubpd", 0x66, 1, {0xd0}, X, X, 16, DOUBLES, 0, 0},
    {"haddps", 0xf2, 1, {0x7c}, X, X, 16, FLOATS, NO_NANS, 0},
    {"haddpd", 0x66, 1, {0x7c}, X, X, 16, DOUBLES, NO_NANS, 0},
    {"hsubps", 0xf2, 1, {0x7d}, X, X, 16, FLOATS, NO_NANS, 0},
    {"hsubpd", 0x66, 1, {0x7d}, X, X, 16, DOUBLES, NO_NANS, 0},
    {"movsldup", 0xf3, 1, {0x12}, X, X, 16, FLOATS, 0, 0},
    {"movshdup", 0xf3, 1, {0x16}, X, X, 16, FLOATS, 0, 0},
    {"movddup", 0xf2, 1, {0x12}, X, X, 8, DOUBLES, 0, 0},
    {"lddqu", 0xf2, 1, {0xf0}, X, X, 16, INTEGERS, FROM_MEMORY | UNALIGNED, 0},
};

#define SSSE3(name, opcode) \
  {name, 0, 2, {0x38, opcode}, M, M, 8, INTEGERS, 0, 0}, {name, 0x66, 2, {0x38, opcode}, X, X, 16, INTEGERS, 0, 0},
static const struct simd_instruction ssse3[] = {
    SSSE3("pshufb", 0x00) SSSE3("phaddw", 0x01) SSSE3("phaddd", 0x02) SSSE3("phaddsw", 0x03) SSSE3("pmaddubsw", 0x04)
    SSSE3("phsubw", 0x05) SSSE3("phsubd", 0x06) SSSE3("phsubsw", 0x07) SSSE3("psignb", 0x08) SSSE3("psignw", 0x09)
    SSSE3("psignd", 0x0a) SSSE3("pmulhrsw", 0x0b) SSSE3("pabsb", 0x1c) SSSE3("pabsw", 0x1d) SSSE3("pabsd", 0x1e)
    {"palignr", 0, 2, {0x3a, 0x0f}, M, M, 8, INTEGERS, IMMEDIATE, 0},
    {"palignr", 0x66, 2, {0x3a, 0x0f}, X, X, 16, INTEGERS, IMMEDIATE, 0},
};

#define OP38(name, opcode, memory, elements, traits) {name, 0x66, 2, {0x38, opcode}, X, X, memory, elements, traits, 0},
#define OP3A(name, opcode, memory, elements, traits) \
  {name, 0x66, 2, {0x3a, opcode}, X, X, memory, elements, IMMEDIATE | traits, 0},
static const struct simd_instruction sse4[] = {
    OP38("pblendvb", 0x10, 16, INTEGERS, 0) OP38("blendvps", 0x14, 16, FLOATS, 0) OP38("blendvpd", 0x15, 16, DOUBLES, 0)
    OP38("ptest", 0x17, 16, INTEGERS, SETS_FLAGS) OP38("pmovsxbw", 0x20, 8, INTEGERS, 0)
    OP38("pmovsxbd", 0x21, 4, INTEGERS, 0) OP38("pmovsxbq", 0x22, 2, INTEGERS, 0) OP38("pmovsxwd", 0x23, 8, INTEGERS, 0)
    OP38("pmovsxwq", 0x24, 4, INTEGERS, 0) OP38("pmovsxdq", 0x25, 8, INTEGERS, 0) OP38("pmuldq", 0x28, 16, INTEGERS, 0)
    OP38("pcmpeqq", 0x29, 16, INTEGERS, 0) OP38("movntdqa", 0x2a, 16, INTEGERS, FROM_MEMORY)
    OP38("packusdw", 0x2b, 16, INTEGERS, 0) OP38("pmovzxbw", 0x30, 8, INTEGERS, 0) OP38("pmovzxbd", 0x31, 4, INTEGERS, 0)
    OP38("pmovzxbq", 0x32, 2, INTEGERS, 0) OP38("pmovzxwd", 0x33, 8, INTEGERS, 0) OP38("pmovzxwq", 0x34, 4, INTEGERS, 0)
    OP38("pmovzxdq", 0x35, 8, INTEGERS, 0) OP38("pcmpgtq", 0x37, 16, INTEGERS, 0) OP38("pminsb", 0x38, 16, INTEGERS, 0)
    OP38("pminsd", 0x39, 16, INTEGERS, 0) OP38("pminuw", 0x3a, 16, INTEGERS, 0) OP38("pminud", 0x3b, 16, INTEGERS, 0)
    OP38("pmaxsb", 0x3c, 16, INTEGERS, 0) OP38("pmaxsd", 0x3d, 16, INTEGERS, 0) OP38("pmaxuw", 0x3e, 16, INTEGERS, 0)
    OP38("pmaxud", 0x3f, 16, INTEGERS, 0) OP38("pmulld", 0x40, 16, INTEGERS, 0) OP38("phminposuw", 0x41, 16, INTEGERS, 0)
    OP3A("roundps", 0x08, 16, FLOATS, WHOLE) OP3A("roundpd", 0x09, 16, DOUBLES, WHOLE)
    OP3A("roundss", 0x0a, 4, FLOATS, WHOLE)
    OP3A("roundsd", 0x0b, 8, DOUBLES, WHOLE) OP3A("blendps", 0x0c, 16, FLOATS, 0) OP3A("blendpd", 0x0d, 16, DOUBLES, 0)
    OP3A("pblendw", 0x0e, 16, INTEGERS, 0) OP3A("insertps", 0x21, 4, FLOATS, 0) OP3A("dpps", 0x40, 16, FLOATS, NO_NANS)
    OP3A("dppd", 0x41, 16, DOUBLES, NO_NANS) OP3A("mpsadbw", 0x42, 16, INTEGERS, 0)
    OP3A("pcmpestrm", 0x60, 16, INTEGERS, SETS_FLAGS | UNALIGNED)
    OP3A("pcmpestri", 0x61, 16, INTEGERS, SETS_FLAGS | UNALIGNED)
    OP3A("pcmpistrm", 0x62, 16, INTEGERS, SETS_FLAGS | UNALIGNED)
    OP3A("pcmpistri", 0x63, 16, INTEGERS, SETS_FLAGS | UNALIGNED)
    {"pextrb", 0x66, 2, {0x3a, 0x14}, X, R, 1, INTEGERS, STORE | IMMEDIATE, 0},
    {"pextrw", 0x66, 2, {0x3a, 0x15}, X, R, 2, INTEGERS, STORE | IMMEDIATE, 0},
    {"pextrd", 0x66, 2, {0x3a, 0x16}, X, R, 4, INTEGERS, STORE | IMMEDIATE, 0},
    {"extractps", 0x66, 2, {0x3a, 0x17}, X, R, 4, FLOATS, STORE | IMMEDIATE, 0},
    {"pinsrb", 0x66, 2, {0x3a, 0x20}, X, R, 1, INTEGERS, IMMEDIATE, 0},
    {"pinsrd", 0x66, 2, {0x3a, 0x22}, X, R, 4, INTEGERS, IMMEDIATE, 0},
    {"crc32 r8", 0xf2, 2, {0x38, 0xf0}, R, R, 1, INTEGERS, 0, 0},
    {"crc32 r32", 0xf2, 2, {0x38, 0xf1}, R, R, 4, INTEGERS, 0, 0},
    {"popcnt", 0xf3, 1, {0xb8}, R, R, 4, INTEGERS, SETS_FLAGS, 0},
};

static const struct simd_instruction sse_control[] = {
    {"ldmxcsr", 0, 1, {0xae}, DIGIT, R, 4, INTEGERS, FROM_MEMORY | MXCSR_IMAGE, 2},
    {"stmxcsr", 0, 1, {0xae}, DIGIT, R, 4, INTEGERS, STORE | FROM_MEMORY, 3},
};

const struct simd_table mmx_table = TABLE(mmx), sse_move_table = TABLE(sse_move), sse_float_table = TABLE(sse_float),
                        sse_convert_table = TABLE(sse_convert), sse_integer_table = TABLE(sse_integer),
                        sse3_table = TABLE(sse3), ssse3_table = TABLE(ssse3), sse4_table = TABLE(sse4),
                        sse_control_table = TABLE(sse_control);
