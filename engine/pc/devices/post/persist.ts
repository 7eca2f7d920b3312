export interface PostState {
  version: 1;
  code: number;
}
