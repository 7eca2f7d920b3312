// All definitions. Importing this file is what fills the registry.

import './arithmetic.ts';
import './bits.ts';
import './control.ts';
import './decimal.ts';
import './moves.ts';
import './shifts.ts';
import './simd-approximations.ts';
import './simd-arithmetic.ts';
import './simd-comparison.ts';
import './simd-control.ts';
import './simd-conversions.ts';
import './simd-crc32.ts';
import './simd-dot-product.ts';
import './simd-elements.ts';
import './simd-horizontal.ts';
import './simd-integer.ts';
import './simd-integer-sse4.ts';
import './simd-integer-ssse3.ts';
import './simd-moves.ts';
import './simd-rounding.ts';
import './simd-shifts.ts';
import './simd-shuffles.ts';
import './simd-strings.ts';
import './strings.ts';
import './system.ts';
import './x87.ts';

export { definitionOf, endsRegionBlock, isTranslatable } from './registry.ts';
