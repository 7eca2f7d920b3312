// Encodings of extensions that this CPU does not have and CPUID does not announce, in the form of opcodes-integer.ts. They raise
// #UD like every encoding that no table knows, but are counted and reported: a guest that uses one would run elsewhere.
// What stands in no table at all is reserved, and programs that try it expect #UD.
// Source: Intel SDM vol. 2 appendix A.3, A.4; AMD64 Architecture Programmer's Manual vol. 3 appendix A.

export const ABSENT_OPCODES = `
needs SYSCALL
0f.05 SYSCALL
0f.07 SYSRET
needs 3DNOW
0f.0e FEMMS
0f.0f 3DNOW Pq,Qq
needs VMX
0f.01=c1 VMCALL
0f.01=c2 VMLAUNCH
0f.01=c3 VMRESUME
0f.01=c4 VMXOFF
np.0f.78 VMREAD Ed,Gd
np.0f.79 VMWRITE Gd,Ed
np.0f.c7/6m VMPTRLD Mq
66.0f.c7/6m VMCLEAR Mq
f3.0f.c7/6m VMXON Mq
np.0f.c7/7m VMPTRST Mq
66.0f.38.80 INVEPT Gd,M
66.0f.38.81 INVVPID Gd,M
needs INVPCID
66.0f.38.82 INVPCID Gd,M
needs SVM
0f.01=d8 VMRUN
0f.01=d9 VMMCALL
0f.01=da VMLOAD
0f.01=db VMSAVE
0f.01=dc STGI
0f.01=dd CLGI
0f.01=de SKINIT
0f.01=df INVLPGA
needs MONITOR
0f.01=c8 MONITOR
0f.01=c9 MWAIT
needs MONITORX
0f.01=fa MONITORX
0f.01=fb MWAITX
needs CLZERO
0f.01=fc CLZERO
needs RDPRU
0f.01=fd RDPRU
needs SGX
np.0f.01=c0 ENCLV
np.0f.01=cf ENCLS
np.0f.01=d7 ENCLU
needs PCONFIG
np.0f.01=c5 PCONFIG
needs PKU
np.0f.01=ee RDPKRU
np.0f.01=ef WRPKRU
needs SERIALIZE
np.0f.01=e8 SERIALIZE
needs SMX
np.0f.37 GETSEC
needs RTM
c6=f8 XABORT Ib
c7=f8 XBEGIN Jz
np.0f.01=d5 XEND
np.0f.01=d6 XTEST
needs XSAVE
np.0f.01=d0 XGETBV
np.0f.01=d1 XSETBV
np.0f.ae/4m XSAVE M
np.0f.ae/5m XRSTOR M
needs XSAVEOPT
np.0f.ae/6m XSAVEOPT M
needs XSAVES
np.0f.c7/3m XRSTORS M
np.0f.c7/5m XSAVES M
needs XSAVEC
np.0f.c7/4m XSAVEC M
needs CLFLUSHOPT
66.0f.ae/7m CLFLUSHOPT Mb
needs CLWB
66.0f.ae/6m CLWB Mb
needs WAITPKG
66.0f.ae/6r TPAUSE Ed
f2.0f.ae/6r UMWAIT Ed
f3.0f.ae/6r UMONITOR Ed
needs CET_SS
f3.0f.ae/5r INCSSPD Ed
f3.0f.ae/6m CLRSSBSY Mq
f3.0f.01/5m RSTORSSP Mq
f3.0f.01=e8 SETSSBSY
f3.0f.01=ea SAVEPREVSSP
np.0f.38.f6m WRSSD Md,Gd
66.0f.38.f5m WRUSSD Md,Gd
needs RDRAND
np.0f.c7/6r RDRAND Ev
66.0f.c7/6r RDRAND Ev
needs RDSEED
np.0f.c7/7r RDSEED Ev
66.0f.c7/7r RDSEED Ev
needs SSE4A
66.0f.78/0r EXTRQ Udq,Ib
66.0f.79 EXTRQ Vdq,Udq
f2.0f.78 INSERTQ Vdq,Udq
f2.0f.79 INSERTQ Vdq,Udq
f3.0f.2b MOVNTSS Md,Vdq
f2.0f.2b MOVNTSD Mq,Vdq
needs MOVBE
np.0f.38.f0 MOVBE Gv,M
66.0f.38.f0 MOVBE Gv,M
np.0f.38.f1 MOVBE M,Gv
66.0f.38.f1 MOVBE M,Gv
needs AESNI
66.0f.38.db AESIMC Vdq,Wdq
66.0f.38.dc AESENC Vdq,Wdq
66.0f.38.dd AESENCLAST Vdq,Wdq
66.0f.38.de AESDEC Vdq,Wdq
66.0f.38.df AESDECLAST Vdq,Wdq
66.0f.3a.df AESKEYGENASSIST Vdq,Wdq,Ib
needs PCLMULQDQ
66.0f.3a.44 PCLMULQDQ Vdq,Wdq,Ib
needs SHA
np.0f.38.c8 SHA1NEXTE Vdq,Wdq
np.0f.38.c9 SHA1MSG1 Vdq,Wdq
np.0f.38.ca SHA1MSG2 Vdq,Wdq
np.0f.38.cb SHA256RNDS2 Vdq,Wdq
np.0f.38.cc SHA256MSG1 Vdq,Wdq
np.0f.38.cd SHA256MSG2 Vdq,Wdq
np.0f.3a.cc SHA1RNDS4 Vdq,Wdq,Ib
needs GFNI
66.0f.38.cf GF2P8MULB Vdq,Wdq
66.0f.3a.ce GF2P8AFFINEQB Vdq,Wdq,Ib
66.0f.3a.cf GF2P8AFFINEINVQB Vdq,Wdq,Ib
needs ADX
66.0f.38.f6 ADCX Gd,Ed
f3.0f.38.f6 ADOX Gd,Ed
needs MOVDIRI
np.0f.38.f9 MOVDIRI Md,Gd
needs MOVDIR64B
66.0f.38.f8 MOVDIR64B Gd,M
needs ENQCMD
f2.0f.38.f8 ENQCMD Gd,M
f3.0f.38.f8 ENQCMDS Gd,M
needs AVX
c4r VEX
c5r VEX
needs AVX512F
62r EVEX
needs XOP
8f/1r XOP
8f/2r XOP
8f/3r XOP
8f/4r XOP
8f/5r XOP
8f/6r XOP
8f/7r XOP
`;
