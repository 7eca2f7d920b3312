// What the monitor asks of the machine around it (cpu/abi/monitor-host.ts says what each does). AssemblyScript takes the import
// module's name from this file's name: "host".

export declare function port_read(port: u32, size: u32): u32;
export declare function port_write(port: u32, size: u32, value: u32): void;
export declare function mmio_read(physical: u32, size: u32): u32;
export declare function mmio_write(physical: u32, size: u32, value: u32): void;
export declare function local_apic_moved(base: u32): void;
export declare function tsc(): f64;
export declare function code_write(physical: u32, size: u32): void;
export declare function p2m_fault(page: u32, write: u32): u32;
export declare function not_implemented(opcode: i32, linearPc: u32): void;
