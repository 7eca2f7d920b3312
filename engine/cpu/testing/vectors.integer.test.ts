import { testVectors } from './vector-groups.ts';

testVectors('integer');
