// All definitions. Importing this file is what fills the map of engine/cpu/emitter/definitions.ts.

import './integer/arithmetic.ts';
import './integer/bits.ts';
import './integer/control.ts';
import './integer/decimal.ts';
import './integer/moves.ts';
import './integer/shifts.ts';
import './simd/approximations.ts';
import './simd/arithmetic.ts';
import './simd/comparison.ts';
import './simd/control.ts';
import './simd/conversions.ts';
import './simd/crc32.ts';
import './simd/dot-product.ts';
import './simd/elements.ts';
import './simd/horizontal.ts';
import './simd/integer.ts';
import './simd/integer-sse4.ts';
import './simd/integer-ssse3.ts';
import './simd/moves.ts';
import './simd/rounding.ts';
import './simd/shifts.ts';
import './simd/shuffles.ts';
import './simd/strings.ts';
import './integer/strings.ts';
import './integer/system.ts';
import './x87/x87.ts';

export { definitionOf, endsRegionBlock, isQuick, isTranslatable } from '../emitter/definitions.ts';
