import { deviceModel } from '../../bus/device-model.ts';
import { PostPort } from './post.ts';

export const postModel = deviceModel({
  name: 'post',
  role: 'board',
  help: 'POST code display',
  builtIn: [{}],
  properties: {},
  create({ ports }) {
    const post = new PostPort();
    post.attach(ports);
    return post;
  },
});
