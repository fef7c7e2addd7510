export { type BeanstalkdOptions, parseBeanstalkdUrl } from './backends/beanstalkd/address';
export { beanstalkdBackend } from './backends/beanstalkd/beanstalkd-backend';
