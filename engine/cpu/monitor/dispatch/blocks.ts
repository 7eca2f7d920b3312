// What the dispatcher asks of the code cache and the interrupt controller (TypeScript, engine/cpu/executor).
// AssemblyScript takes the import module's name from this file's name: "blocks".

/** Puts the code at `linear` in `mode` into the code table and its pages into the TLB, or raises the fault of a fetch. */
export declare function find_block(linear: u32, mode: u32): void;
/** The block there has been entered often enough to be worth translating. */
export declare function hot_block(linear: u32, mode: u32): void;
/** Many such exits later, one more, at this instruction. `reason`: COLD_STRADDLE or COLD_RARE. */
export declare function left_often(linear: u32, mode: u32, reason: i32): void;
/** The interrupt controller's vector; called only while DOORBELL_INTR is set. */
export declare function acknowledge_interrupt(): u32;
